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
	Differ  int       `json:"sums_differ"` // sums of the store that are not what its sightings add up to: the pack is made, and says which

	file *os.File // tar, gzip'ed; it has no name any more
}

func (j Job) place() string { return "/evidence/" + j.ID }

type jobList struct {
	Jobs []Job `json:"jobs"`
}

func (s *Server) evidence(*call, none) (jobList, error) { return jobList{s.jobs.all()}, nil }

func (s *Server) job(c *call, _ none) (Job, error) {
	j, ok := s.jobs.find(func(j *Job) bool { return j.ID == c.path("id") })
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
	gone, ok := s.jobs.start(job, maxPacks)
	closeAll(gone)
	if !ok {
		done()
		return Job{}, stopping()
	}
	ctx, cancel := context.WithTimeout(s.life, packWithin) // longer than the request
	go func() {
		defer s.jobs.ended()
		defer cancel()
		file, differ, err := s.makePack(ctx, asked.By, asked.Period, in.Organisation)
		s.jobs.change(func() { job.end(file, differ, err, done) })
		if err != nil {
			s.cfg.Log.Error("evidence pack failed", "period", asked.Period, "by", asked.By, "error", err)
		}
	}()
	return asked, nil
}

// end notes how a job ended. Who sees that it has can ask for the next: its turn
// is over by then.
func (j *Job) end(file *os.File, differ int, err error, over func()) {
	defer over()
	j.State, j.Ended, j.Differ, j.file = JobDone, time.Now().UTC(), differ, file
	if err != nil {
		j.State, j.Problem = JobFailed, "the pack could not be made: see the log"
		if invalid, ok := errors.AsType[*inventory.InvalidError](err); ok {
			j.Problem = invalid.Error()
		}
	}
}

func closeAll(list []*Job) {
	for _, j := range list {
		j.close()
	}
}

func (j *Job) close() {
	if j.file != nil {
		j.file.Close()
	}
}

// makePack makes a pack and returns it as a tar file, with how many sums differ.
func (s *Server) makePack(ctx context.Context, by, period, organisation string) (f *os.File, differ int, err error) {
	dir, err := os.MkdirTemp(s.cfg.Scratch, ".pack-*")
	if err != nil {
		return nil, 0, err
	}
	defer os.RemoveAll(dir)
	pack := filepath.Join(dir, "evidence-"+period)
	if differ, err = s.cfg.Evidence(ctx, by, period, organisation, pack); err != nil {
		return nil, 0, err
	}
	if f, err = os.CreateTemp(s.cfg.Scratch, ".tar-*"); err != nil {
		return nil, 0, err
	}
	os.Remove(f.Name()) // it lives as long as it is open
	if err := archive(f, pack); err != nil {
		f.Close()
		return nil, 0, fmt.Errorf("packing the evidence: %w", err)
	}
	return f, differ, nil
}

// archive writes a folder as a tar file, gzip'ed.
func archive(w io.Writer, dir string) error {
	z := gzip.NewWriter(w)
	t := tar.NewWriter(z)
	return errors.Join(t.AddFS(os.DirFS(filepath.Dir(dir))), t.Close(), z.Close())
}

func (s *Server) download(c *call, w http.ResponseWriter) error {
	job, ok := s.jobs.find(func(j *Job) bool { return j.ID == c.path("id") })
	if !ok {
		return notFound("there is no such pack: ask for it anew")
	}
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
