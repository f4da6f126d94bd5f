package inventory

import (
	"errors"
	"os"
	"sync"
	"time"
)

// Ailment says what keeps sightings from their place, and why.
type Ailment struct {
	What string
	Err  error
}

func (a *Ailment) Error() string { return a.What + ": " + a.Err.Error() }

// Unwrap returns the cause.
func (a *Ailment) Unwrap() error { return a.Err }

// sayAgain is how often an ailment that lasts is logged.
const sayAgain = time.Minute

// ailing remembers what is wrong now.
type ailing struct {
	mu   sync.Mutex
	now  *Ailment
	said map[string]time.Time // by what: the keys are constants
}

// Health returns nil or what keeps the inventory from its work: an *Ailment of
// sightings, or why the ledger can't be relied upon (Lapse).
func (v *Inventory) Health() error {
	if err := v.ailment(); err != nil {
		return err
	}
	return v.Lapse()
}

func (v *Inventory) ailment() error {
	v.ailing.mu.Lock()
	defer v.ailing.mu.Unlock()
	if v.ailing.now == nil {
		return nil
	}
	return v.ailing.now
}

// ail notes an ailment, and logs it when that is news.
func (v *Inventory) ail(what string, err error) {
	v.ailing.mu.Lock()
	defer v.ailing.mu.Unlock()
	v.ailing.now = &Ailment{What: what, Err: err}
	v.wake()
	if said, ok := v.ailing.said[what]; ok && time.Since(said) < sayAgain {
		return
	}
	if v.ailing.said == nil {
		v.ailing.said = make(map[string]time.Time)
	}
	v.ailing.said[what] = time.Now()
	v.cfg.Log.Error(what, "error", err, "lost", v.count.dropped.Load())
}

// probeSize is room for a batch of sightings.
const probeSize = 256 << 10

// convalesce heals once there is room on the disk again. That the spool is
// empty proves nothing: on a full disk it is, because it could not be written.
func (v *Inventory) convalesce() {
	if v.ailment() == nil {
		return
	}
	if err := probe(v.cfg.Dir); err != nil {
		v.leave()
		v.ail("the disk takes nothing", err)
		return
	}
	v.heal()
}

// probe writes a file into dir and removes it.
func probe(dir string) error {
	f, err := os.CreateTemp(dir, ".probe-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(make([]byte, probeSize))
	return errors.Join(err, f.Sync(), f.Close())
}

// heal notes that all is well.
func (v *Inventory) heal() {
	v.ailing.mu.Lock()
	defer v.ailing.mu.Unlock()
	if v.ailing.now == nil {
		return
	}
	v.ailing.now, v.ailing.said = nil, nil
	v.cfg.Log.Info("the inventory is well again", "replayed", v.count.replayed.Load(), "lost", v.count.dropped.Load())
}
