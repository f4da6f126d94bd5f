package console

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/assess"
)

// maxPacks bounds the packs that are kept for download: the oldest goes first.
const maxPacks = 4

// packWithin bounds the making of one.
const packWithin = 30 * time.Minute

// JobState is how far a pack is.
type JobState string

// The states.
const (
	JobRuns   JobState = "running"
	JobDone   JobState = "done"
	JobFailed JobState = "failed"
)

// Job is an evidence pack in the making, or made.
type Job struct {
	ID      string    `json:"id"`
	Period  string    `json:"period"`
	By      string    `json:"by"`
	State   JobState  `json:"state"`
	Problem string    `json:"problem"` // "" unless it failed
	Started time.Time `json:"started"`
	Ended   time.Time `json:"ended,omitzero"`

	file *os.File // tar, gzip'ed; it has no name any more
}

func (j Job) place() string { return "/evidence/" + j.ID }

// jobs are the packs that were asked for since the start. The zero value is
// ready for use.
type jobs struct {
	mu   sync.Mutex
	list []*Job // oldest first
	busy sync.WaitGroup
	over bool // no more can start
}

type jobList struct {
	Jobs []Job `json:"jobs"`
}

func (s *Server) evidence(*call, none) (jobList, error) {
	s.jobs.mu.Lock()
	defer s.jobs.mu.Unlock()
	out := jobList{[]Job{}}
	for _, j := range s.jobs.list {
		out.Jobs = append(out.Jobs, *j)
	}
	return out, nil
}

// find returns a copy of a job.
func (j *jobs) find(id string) (Job, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, one := range j.list {
		if one.ID == id {
			return *one, true
		}
	}
	return Job{}, false
}

func (s *Server) job(c *call, _ none) (Job, error) {
	j, ok := s.jobs.find(c.path("id"))
	if !ok {
		return j, notFound("there is no such pack: ask for it anew")
	}
	return j, nil
}

// newPack asks for an evidence pack.
type newPack struct {
	Period       string `json:"period"`       // 2026Q4, 2026-11, 2026 or FROM..TO
	Organisation string `json:"organisation"` // whose pack it is, for its pages
}

// export starts the making of a pack. That it is handed out is on record.
func (s *Server) export(c *call, in newPack) (Job, error) {
	if s.cfg.Evidence == nil {
		return Job{}, absent("evidence packs")
	}
	if _, err := assess.ParsePeriod(in.Period, time.Now()); err != nil {
		return Job{}, &inventory.InvalidError{Problem: "period: " + err.Error()}
	}
	if len(in.Organisation) > maxQuery || !plainText.MatchString(in.Organisation) {
		return Job{}, &inventory.InvalidError{Problem: fmt.Sprintf("organisation: write at most %d bytes in one line", maxQuery)}
	}
	done, err := s.alone()
	if err != nil {
		return Job{}, err
	}
	job := &Job{ID: randomText()[:16], Period: in.Period, By: c.who.Name, State: JobRuns, Started: time.Now().UTC()}
	asked := *job // as it is answered: in the list it is changed under its lock
	if !s.jobs.start(job) {
		done()
		return Job{}, stopping()
	}
	ctx, cancel := context.WithTimeout(s.life, packWithin) // longer than the request
	go func() {
		defer s.jobs.busy.Done()
		defer cancel()
		file, err := s.makePack(ctx, asked.By, asked.Period, in.Organisation)
		s.jobs.end(job, file, err, done)
		if err != nil {
			s.cfg.Log.Error("evidence pack failed", "period", asked.Period, "by", asked.By, "error", err)
		}
	}()
	return asked, nil
}

func (j *jobs) start(job *Job) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.over {
		return false
	}
	for len(j.list) >= maxPacks { // one at most runs, and it is the newest
		j.list[0].close()
		j.list = j.list[1:]
	}
	j.list = append(j.list, job)
	j.busy.Add(1)
	return true
}

// end notes how a job ended. Who sees that it has can ask for the next: its turn
// is over by then.
func (j *jobs) end(job *Job, file *os.File, err error, over func()) {
	j.mu.Lock()
	defer j.mu.Unlock()
	defer over()
	job.State, job.Ended, job.file = JobDone, time.Now().UTC(), file
	if err != nil {
		job.State, job.Problem = JobFailed, "the pack could not be made: see the log"
		if invalid, ok := errors.AsType[*inventory.InvalidError](err); ok {
			job.Problem = invalid.Error()
		}
	}
}

// close waits for the pack in the making, and forgets all.
func (j *jobs) close() {
	j.mu.Lock()
	j.over = true
	j.mu.Unlock()
	j.busy.Wait()
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, job := range j.list {
		job.close()
	}
	j.list = nil
}

func (j *Job) close() {
	if j.file != nil {
		j.file.Close()
	}
}

// makePack makes a pack and returns it as a tar file.
func (s *Server) makePack(ctx context.Context, by, period, organisation string) (*os.File, error) {
	dir, err := os.MkdirTemp(s.cfg.Scratch, ".pack-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	pack := filepath.Join(dir, "evidence-"+period)
	if err := s.cfg.Evidence(ctx, by, period, organisation, pack); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(s.cfg.Scratch, ".tar-*")
	if err != nil {
		return nil, err
	}
	os.Remove(f.Name()) // it lives as long as it is open
	if err := archive(f, pack); err != nil {
		f.Close()
		return nil, fmt.Errorf("packing the evidence: %w", err)
	}
	return f, nil
}

// archive writes a folder as a tar file, gzip'ed.
func archive(w io.Writer, dir string) error {
	z := gzip.NewWriter(w)
	t := tar.NewWriter(z)
	return errors.Join(t.AddFS(os.DirFS(filepath.Dir(dir))), t.Close(), z.Close())
}

func (s *Server) download(c *call, w http.ResponseWriter) error {
	s.jobs.mu.Lock()
	i := slices.IndexFunc(s.jobs.list, func(j *Job) bool { return j.ID == c.path("id") })
	if i < 0 {
		s.jobs.mu.Unlock()
		return notFound("there is no such pack: ask for it anew")
	}
	job := *s.jobs.list[i]
	s.jobs.mu.Unlock()
	if job.file == nil {
		return &statusError{http.StatusConflict, "the pack is not there: it is " + string(job.State)}
	}
	info, err := job.file.Stat()
	if err != nil {
		return notFound("there is no such pack any more: ask for it anew")
	}
	s.cfg.Log.Info("evidence pack handed out", "period", job.Period, "by", c.who.Name)
	send(w, io.NewSectionReader(job.file, 0, info.Size()), info.Size(), "application/gzip", "gnomon-evidence-"+job.Period+".tgz")
	return nil
}
