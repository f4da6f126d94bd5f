package evidence

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

// Format names the form of a pack.
const Format = "gnomon-evidence-1"

// The files that every pack has.
const (
	manifestFile  = "manifest.json"
	signatureFile = "manifest.sig"
	signerFile    = "signer.pem"
	ledgerFile    = "ledger.jsonl"
	registerFile  = "register.json"
	eventsDir     = "events"
)

// Manifest says what is in a pack. Made is the one time in it that changes when
// the same pack is made again; other files repeat it.
type Manifest struct {
	Format  string           `json:"format"`
	Program string           `json:"program"` // version
	Made    time.Time        `json:"made"`
	By      string           `json:"by"` // who asked for it
	Period  Period           `json:"period"`
	Signer  string           `json:"signer"` // fingerprint
	Ledger  Ledger           `json:"ledger"`
	Figures Totals           `json:"figures"`              // counted from the sightings in the pack
	Record  map[string]int64 `json:"record"`               // entries of the ledger in the period, by kind
	People  []Generation     `json:"pseudonyms,omitempty"` // the generations whose pseudonyms the period may hold; none: people keep theirs
	Seals   []SealFile       `json:"seals"`                // those whose sightings may lie in the period
	Sums    *Sums            `json:"sums,omitempty"`       // of the store, compared with the seals when the pack was made; none: by an older version
	Files   []FileEntry      `json:"files"`                // all but manifest.json and manifest.sig, by name
}

// Generation is a time in which people have the same pseudonyms: "u2-..." is of
// the second rotation. Nothing in a pack joins two generations.
type Generation struct {
	Number int64     `json:"generation"`
	Since  time.Time `json:"since,omitzero"`
}

// Period is a span of time, without its end.
type Period struct {
	Name  string    `json:"name"`
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
}

// Contains reports whether a time lies in the period.
func (p Period) Contains(t time.Time) bool { return !t.Before(p.From) && t.Before(p.Until) }

// Ledger is the end of the chain in the pack.
type Ledger struct {
	ledger.Chain
	Full   int64 `json:"full"`   // entries that are there in full
	Hashed int64 `json:"hashed"` // entries after the period, of which only the hash is there
}

// SealState says how much of what was sealed is in the pack.
type SealState string

// The states of a seal.
const (
	SealWhole   SealState = "whole"        // every leaf is there: the root can be computed
	SealOutside SealState = "outside"      // no sighting of it lies in the period: it has no file
	SealPartly  SealState = "partly_kept"  // retention deleted some: the root can be computed where Shown says so
	SealGone    SealState = "not_kept_any" // retention deleted all
)

// SealFile is a seal of the ledger that may hold sightings of the period.
type SealFile struct {
	Entry    int64     `json:"entry"` // Seq in the ledger
	State    SealState `json:"state"`
	File     string    `json:"file,omitempty"`
	Events   int64     `json:"events"`             // that were sealed
	Inside   int64     `json:"inside"`             // of the period, in the file
	Deleted  int64     `json:"deleted,omitempty"`  // by retention
	Shown    int64     `json:"shown,omitempty"`    // of those deleted, the ones that hashes in the ledger stand for: with all of them the root can be computed
	Deletion int64     `json:"deletion,omitempty"` // Seq of the entry that has it on record
	Broken   []int64   `json:"broken,omitempty"`   // batches that were changed before they were sealed
}

// Unproven reports whether sightings are in the pack that can't be compared with
// what was sealed: of those that retention has deleted with them no hash was kept.
func (s *SealFile) Unproven() bool { return s.File != "" && s.Deleted != s.Shown }

// FileEntry is a file of a pack.
type FileEntry struct {
	Name   string `json:"name"` // with slashes
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// checkName keeps names in the folder of the pack.
func checkName(name string) error {
	if name == "" || len(name) > 200 || strings.ContainsAny(name, "\\\x00\n") || !filepath.IsLocal(filepath.FromSlash(name)) || filepath.ToSlash(filepath.Clean(filepath.FromSlash(name))) != name {
		return fmt.Errorf("%.60q is no name of a file in a pack", name)
	}
	return nil
}

func dirOf(path string) string { return filepath.Dir(path) }
