package evidence

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// Bounds on what Verify takes from a pack that may be made by anybody.
const (
	maxManifest = 64 << 20
	maxRegister = 512 << 20
	maxSmall    = 64 << 10
	maxFiles    = 100_000
	maxProblems = 100
	maxLine     = 2 << 20 // a note of the ledger has at most 1 MiB, a sighting far less
	maxRatio    = 2000    // bytes unpacked for each packed one: sightings never come near it
)

// Result is what Verify found.
type Result struct {
	Manifest *Manifest `json:"manifest"`
	Signer   string    `json:"signer"`  // fingerprint
	Trusted  bool      `json:"trusted"` // it is the one that was asked for
	Problems []string  `json:"problems"`
	More     int       `json:"more_problems"` // beyond those listed
	Seals    int       `json:"seals"`         // roots computed again
	Unproven int       `json:"unproven"`      // seals whose sightings can't be compared with what was sealed any more
	Events   int64     `json:"events"`        // sightings counted again
	Entries  int64     `json:"entries"`       // of the ledger
	Sums     int64     `json:"sums"`          // of a service on a day, compared with the seals
	Notes    []string  `json:"notes"`         // what can't be shown any more

	Days []inventory.DaysCompared `json:"days"` // of the period: which sums were compared, and which not
}

// Sound reports whether nothing is wrong with the pack.
func (r *Result) Sound() bool { return len(r.Problems) == 0 }

func (r *Result) problem(format string, args ...any) {
	if len(r.Problems) == maxProblems {
		r.More++
		return
	}
	r.Problems = append(r.Problems, fmt.Sprintf(format, args...))
}

func (r *Result) note(format string, args ...any) {
	if len(r.Notes) < maxProblems {
		r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
	}
}

// Verify checks the pack in a folder. trust has the fingerprints of which one must
// have signed it; with none, or "", anybody may. The error says why the check could not be made;
// what is wrong with the pack is in the result.
func Verify(ctx context.Context, dir string, trust ...string) (*Result, error) {
	root, err := os.OpenRoot(dir) // no name in a pack leads out of it
	if err != nil {
		return nil, fmt.Errorf("opening the pack: %w", err)
	}
	defer root.Close()
	v := &verifier{ctx: ctx, root: root, r: &Result{Problems: []string{}, Notes: []string{}, Days: []inventory.DaysCompared{}}}
	if err := v.manifest(slices.DeleteFunc(slices.Clone(trust), func(t string) bool { return t == "" })); err != nil {
		return nil, err
	}
	if v.m == nil {
		return v.r, nil
	}
	v.files()
	v.ld.days = inventory.NewDaysCheck(v.m.Period.From, v.m.Period.Until)
	v.book()
	v.sealed()
	v.sums()
	v.counts()
	return v.r, ctx.Err()
}

type verifier struct {
	ctx   context.Context
	root  *os.Root
	r     *Result
	m     *Manifest
	ld    book
	tally *tally
	whole bool // all sightings of the period were counted

	totals map[string]*dayTotal // by service, of the sums by day; nil: there are none
}

// read reads a small file whole.
func (v *verifier) read(name string, most int64) ([]byte, error) {
	f, err := v.open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(b)) > most {
		err = fmt.Errorf("it has more than %d bytes", most)
	}
	return b, err
}

// open opens a regular file: one that is a pipe would never end.
func (v *verifier) open(name string) (*os.File, error) {
	info, err := v.root.Lstat(name)
	if err != nil {
		return nil, reason(err)
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is no regular file")
	}
	f, err := v.root.Open(name)
	return f, reason(err)
}

// reason strips the path: what is said names the file already.
func reason(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// manifest reads the manifest and checks who signed it. The error says that this
// is no pack at all.
func (v *verifier) manifest(trust []string) error {
	text, err := v.read(manifestFile, maxManifest)
	if err != nil {
		return fmt.Errorf("no evidence pack: %s: %w", manifestFile, err)
	}
	m := new(Manifest)
	if err := json.Unmarshal(text, m); err != nil {
		v.r.problem("%s: %v", manifestFile, err)
	} else if m.Format != Format {
		v.r.problem("%s: the pack is of the format %.40q, and this program reads %s", manifestFile, m.Format, Format)
	} else {
		v.m, v.r.Manifest = m, m
	}
	pemText, err := v.read(signerFile, maxSmall)
	if err != nil {
		v.r.problem("%s: %v", signerFile, err)
		return nil
	}
	key, err := ParsePublicKey(pemText)
	if err != nil {
		v.r.problem("%s: %v", signerFile, err)
		return nil
	}
	signature, err := v.read(signatureFile, maxSmall)
	if err != nil {
		v.r.problem("%s: %v", signatureFile, err)
	} else if !key.verify(text, signature) {
		v.r.problem("%s: it is no signature of %s by the key in %s", signatureFile, manifestFile, signerFile)
	}
	v.r.Signer = key.Fingerprint()
	if v.m != nil && v.m.Signer != v.r.Signer {
		v.r.problem("%s: it names %s as the signer, and %s holds %s", manifestFile, printable(v.m.Signer), signerFile, v.r.Signer)
	}
	v.r.Trusted = slices.Contains(trust, v.r.Signer)
	if len(trust) > 0 && !v.r.Trusted {
		v.r.problem("the pack is signed by %s, not by %s", v.r.Signer, strings.Join(trust, " or "))
	}
	return nil
}

// counts compares the figures in the pack with what its sightings say.
func (v *verifier) counts() {
	if v.tally == nil {
		return
	}
	if got := v.tally.totals(); !reflect.DeepEqual(got, v.m.Figures) {
		v.r.problem("%s: the figures are not those of the sightings: %s stand there, %s were counted", manifestFile, compact(v.m.Figures), compact(got))
	}
	if !reflect.DeepEqual(v.ld.record, v.m.Record) {
		v.r.problem("%s: the counts of the record are not those of the ledger: %s stand there, %s were counted", manifestFile, compact(v.m.Record), compact(v.ld.record))
	}
	text, err := v.read(registerFile, maxRegister)
	if err != nil {
		v.r.problem("%s: %v", registerFile, err)
		return
	}
	var register Register
	if err := json.Unmarshal(text, &register); err != nil {
		v.r.problem("%s: %v", registerFile, err)
		return
	}
	v.register(&register)
}

func (v *verifier) register(register *Register) {
	if register.Period != v.m.Period {
		v.r.problem("%s: it is of another period", registerFile)
	}
	figures, seen := v.tally.figures(), make(map[string]bool)
	for i := range register.Rows {
		row := &register.Rows[i]
		if seen[row.ID] {
			v.r.problem("%s: two rows are of %.60q", registerFile, row.ID)
		}
		seen[row.ID] = true
		if row.Source == FromRollups && !v.whole {
			v.rollup(row) // the sightings are gone
			continue
		}
		want := figures[row.ID]
		if want == nil {
			want = NewFigures()
		}
		if row.Seen == nil || !reflect.DeepEqual(want, row.Seen) {
			v.r.problem("%s: the figures of %.60q are not those of the sightings: %.300s stand there, %.300s were counted", registerFile, row.ID, compact(row.Seen), compact(want))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(figures)) {
		if !seen[id] {
			v.r.problem("%s: %.60q was seen and has no row", registerFile, id)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(v.totals)) {
		if t := v.totals[id]; !v.whole && !seen[id] && figures[id] == nil && t.all.Figure(0) > t.unsealed.Figure(0) {
			v.r.problem("%s: %.60q was seen and has no row", registerFile, id)
		}
	}
}

func compact(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
