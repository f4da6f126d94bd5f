package stream

import (
	"fmt"
	"slices"

	"github.com/gnomon-proxy/gnomon/inventory/notice"
)

// Kind is the class of a record, in the words of all formats but OCSF.
type Kind string

// The kinds.
const (
	KindSighting Kind = "sighting" // use of an AI service
	KindFinding  Kind = "finding"  // the same, with sensitive data in it
	KindBlind    Kind = "blind"    // traffic that hides its destination
	KindAlert    Kind = "alert"    // something a person must look at
	KindAudit    Kind = "audit"    // a change of what is decided, allowed or in force
)

// Kinds lists all kinds.
func Kinds() []Kind { return []Kind{KindSighting, KindFinding, KindBlind, KindAlert, KindAudit} }

func (r *Record) kind() Kind {
	switch {
	case r.Notice != nil && r.Notice.Alert:
		return KindAlert
	case r.Notice != nil:
		return KindAudit
	case r.Blind != "":
		return KindBlind
	case len(r.Findings) > 0:
		return KindFinding
	}
	return KindSighting
}

// noticeLevels grade notices on the scale of all records.
var noticeLevels = map[notice.Severity]level{notice.Low: levelLow, notice.Medium: levelMedium, notice.High: levelHigh}

// kinds returns what is sent by c: none are all that its format has.
func (c *Config) kinds() []Kind {
	switch {
	case len(c.Kinds) > 0:
		return c.Kinds
	case c.Format == OTLPMetrics:
		return []Kind{KindSighting, KindFinding}
	}
	return Kinds()
}

func (c *Config) checkKinds() error {
	known := Config{Format: c.Format}
	for i, k := range c.Kinds {
		if !slices.Contains(known.kinds(), k) {
			return fmt.Errorf("kinds: expected some of %s, got %.40q", words(known.kinds()), string(k))
		}
		if slices.Contains(c.Kinds[:i], k) {
			return fmt.Errorf("kinds: %s stands there twice", k)
		}
	}
	return nil
}
