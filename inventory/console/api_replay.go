package console

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/whatif"
	"github.com/gnomon-proxy/gnomon/rules"
)

// newReplay asks what changed rules would have decided.
type newReplay struct {
	Since string            `json:"since"` // YYYY-MM-DD; "": 30 days ago
	Files map[string]string `json:"files"` // of an overlay of rules, by path: "policies/own.yaml"
}

// overlayFile is what a file of an overlay may be called: no path leads out.
var overlayFile = regexp.MustCompile(`^[a-z0-9_-]{1,40}(/[a-z0-9_-]{1,60}){0,2}\.yaml$`)

// maxOverlay bounds the files of a replay.
const maxOverlay = 50

func (s *Server) replay(c *call, in newReplay) (*whatif.Report, error) {
	inForce, err := s.rules()
	if err != nil {
		return nil, err
	}
	now := time.Now()
	from := now.AddDate(0, 0, -30)
	if in.Since != "" {
		if from, err = time.Parse(time.DateOnly, in.Since); err != nil {
			return nil, &inventory.InvalidError{Problem: "since is no day: write it as YYYY-MM-DD"}
		}
	}
	done, err := s.alone()
	if err != nil {
		return nil, err
	}
	defer done()
	set, err := loadOverlay(in.Files)
	if err != nil {
		return nil, err
	}
	inv := s.cfg.Inventory
	r, err := whatif.New(inForce, set, nil, inv.Status, time.Now) // with names it would tell who is who
	if err != nil {
		return nil, &inventory.InvalidError{Problem: err.Error()}
	}
	err = inv.Seen().Sightings(c.ctx(), from, now, func(e *inventory.Event) error {
		r.Add(e)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return r.Discreet(int(s.cfg.K)), nil
}

// loadOverlay reads rules that came in a request.
func loadOverlay(files map[string]string) (*rules.Set, error) {
	if len(files) > maxOverlay {
		return nil, &inventory.InvalidError{Problem: fmt.Sprintf("%d files are too many: at most %d", len(files), maxOverlay)}
	}
	dir, err := os.MkdirTemp("", "gnomon-replay-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	for name, text := range files {
		if !overlayFile.MatchString(name) {
			return nil, &inventory.InvalidError{Problem: fmt.Sprintf("%.80q is no name of a rule file: write it as policies/own.yaml", name)}
		}
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, err
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	set, err := rules.Load(dir)
	if err != nil {
		return nil, &inventory.InvalidError{Problem: strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), "")}
	}
	return set, nil
}
