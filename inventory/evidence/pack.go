package evidence

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/export"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
	"github.com/gnomon-proxy/gnomon/inventory/privacy"
)

// Source is the record that a pack is made of.
type Source interface {
	// Entries calls f with the entries of the ledger after a Seq, in order.
	Entries(ctx context.Context, after int64, f func(*ledger.Entry) error) error
	// Batches calls f with the batches of sightings after a Seq, in order.
	Batches(ctx context.Context, after int64, f func(*inventory.Batch) error) error
	// DaySums calls f with the sums by day, and with what the sightings after a
	// batch add to them.
	DaySums(ctx context.Context, from, until time.Time, sealed int64, f func(*inventory.DaySum) error) error
}

// Order says what pack is wanted.
type Order struct {
	Period  Period
	Program string // version
	Made    time.Time
	By      string
	Key     *Key
	People  []Generation // all generations of pseudonyms, in order
	Head    ledger.Chain // end of the ledger: what comes later is left out
	Sums    Sums         // what comparing the sums of the store found
	K       privacy.K    // groups of fewer people are not shown; 1: all are, of the whole period

	// Contents returns the register and the other files, given what was counted.
	Contents func(*Counted) (*Contents, error)
}

// Counted is what the sightings of the period say.
type Counted struct {
	Figures map[string]*Figures
	Totals  Totals
	Groups  []Group
	Hidden  []Hidden
	Days    map[int64]int64 // requests by day
	Seals   []SealFile
	Whole   bool // no sighting of the period was deleted: the figures are all that was seen
}

// Contents is what a pack holds beside the record.
type Contents struct {
	Register []Row
	Files    []File
}

// File is one more file of a pack.
type File struct {
	Name  string
	Write func(io.Writer) error
}

// Write makes a pack in the folder dir, all of it or nothing. dir must not exist
// unless it is to be replaced.
func Write(ctx context.Context, dir string, replace bool, src Source, o *Order) (*Manifest, error) {
	if _, err := os.Lstat(dir); err == nil && !replace {
		return nil, fmt.Errorf("%s exists: choose another folder, or replace it with --force", dir)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if replace {
		if err := replaceable(dir); err != nil {
			return nil, err
		}
	}
	temporary, err := os.MkdirTemp(filepath.Dir(dir), "."+filepath.Base(dir)+"-*") // mode 0700
	if err != nil {
		return nil, fmt.Errorf("making the pack: %w", err)
	}
	defer os.RemoveAll(temporary) // does nothing once renamed
	w := &writer{ctx: ctx, dir: temporary, order: o}
	m, err := w.pack(src)
	if err != nil {
		return nil, fmt.Errorf("making the pack: %w", err)
	}
	if err := put(temporary, dir, replace); err != nil {
		return nil, fmt.Errorf("making the pack: %w", err)
	}
	return m, nil
}

// replaceable refuses to replace what is no pack: somebody's home folder, say.
func replaceable(dir string) error {
	_, err := os.Lstat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	list, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("%s can't be replaced: %w", dir, err)
	}
	if _, err := os.Stat(filepath.Join(dir, manifestFile)); err != nil && len(list) > 0 {
		return fmt.Errorf("%s is no evidence pack (it has no %s) and is not replaced: choose another folder", dir, manifestFile)
	}
	return nil
}

// put renames a whole pack to its place.
func put(temporary, dir string, replace bool) error {
	if !replace {
		return os.Rename(temporary, dir)
	}
	old := temporary + ".old"
	if err := os.Rename(dir, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(temporary, dir); err != nil {
		return errors.Join(err, os.Rename(old, dir))
	}
	return os.RemoveAll(old)
}

// writer fills a folder.
type writer struct {
	ctx   context.Context
	dir   string
	order *Order
	files []FileEntry
}

func (w *writer) pack(src Source) (*Manifest, error) {
	o := w.order
	m := &Manifest{Format: Format, Program: o.Program, Made: o.Made.UTC().Truncate(time.Second), By: o.By, Period: o.Period, Signer: o.Key.Public().Fingerprint()}
	m.People = within(o.People, o.Period)
	book, err := w.ledger(src)
	if err != nil {
		return nil, err
	}
	m.Ledger, m.Record = book.end, book.record
	t := newTally()
	if t.months = o.Period; o.K != 1 {
		t.months.From, t.months.Until = privacy.Months(o.Period.From, o.Period.Until, o.Made)
	}
	if m.Seals, err = w.events(src, book, t); err != nil {
		return nil, err
	}
	m.Figures = t.totals()
	m.Sums = &Sums{o.Sums.Compared, o.Sums.Unbound, append([]string{}, o.Sums.Left...), append([]string{}, o.Sums.Problems...)}
	c := t.counted(m.Seals)
	contents, err := o.Contents(c)
	if err != nil {
		return nil, err
	}
	if err := w.days(src, book); err != nil { // after the register: what comes in between is told
		return nil, err
	}
	files := append([]File{
		{registerFile, registerJSON(o.Period, contents.Register)},
		{signerFile, text(o.Key.Public().PEM())},
	}, contents.Files...)
	for _, f := range files {
		if err := w.file(f.Name, f.Write); err != nil {
			return nil, err
		}
	}
	return m, w.finish(m)
}

// within returns the generations that a period may hold, none when there was
// only ever one.
func within(all []Generation, p Period) (list []Generation) {
	if len(all) < 2 {
		return nil
	}
	for i, g := range all {
		if g.Since.Before(p.Until) && (i+1 == len(all) || all[i+1].Since.After(p.From)) {
			list = append(list, g)
		}
	}
	return list
}

// finish writes the manifest and its signature.
func (w *writer) finish(m *Manifest) error {
	slices.SortFunc(w.files, func(a, b FileEntry) int { return cmp.Compare(a.Name, b.Name) })
	m.Files = w.files
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	b = append(b, '\n')
	if err := w.file(manifestFile, text(b)); err != nil {
		return err
	}
	return w.file(signatureFile, text(w.order.Key.sign(b)))
}

// file writes one file and notes its size and hash.
func (w *writer) file(name string, write func(io.Writer) error) (err error) {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	if err := checkName(name); err != nil {
		return err
	}
	path := filepath.Join(w.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	sum := &summed{w: f, hash: sha256.New()}
	err = write(sum)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	w.files = append(w.files, FileEntry{name, sum.size, hex.EncodeToString(sum.hash.Sum(nil))})
	return nil
}

// drop removes a file that turned out to be of no use.
func (w *writer) drop(name string) error {
	w.files = slices.DeleteFunc(w.files, func(f FileEntry) bool { return f.Name == name })
	return os.Remove(filepath.Join(w.dir, filepath.FromSlash(name)))
}

// summed counts and hashes what is written.
type summed struct {
	w    io.Writer
	hash hash.Hash
	size int64
}

func (s *summed) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	s.hash.Write(p[:n])
	s.size += int64(n)
	return n, err
}

func text(b []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	}
}

// registerJSON writes a Register.
func registerJSON(p Period, rows []Row) func(io.Writer) error {
	return func(w io.Writer) error {
		d := export.NewDocument(w, "  ")
		d.Object("", func() {
			d.Members(struct {
				Period Period `json:"period"`
			}{p})
			export.List(d, "rows", slices.Values(rows))
		})
		return d.Close()
	}
}

func asJSON(v any) func(io.Writer) error {
	return func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(v)
	}
}
