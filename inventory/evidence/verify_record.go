package evidence

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

// lines calls f with each line of r, without its end. The last one has an end
// too; none is longer than maxLine.
func lines(r io.Reader, f func(line []byte) error) error {
	in := bufio.NewReaderSize(r, 64<<10)
	var whole []byte
	for {
		part, err := in.ReadSlice('\n')
		if errors.Is(err, io.EOF) && len(part) == 0 && len(whole) == 0 {
			return nil
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			if errors.Is(err, io.EOF) {
				return errors.New("its last line is cut off")
			}
			return err
		}
		if len(whole)+len(part) > maxLine {
			return fmt.Errorf("a line is longer than %d bytes", maxLine)
		}
		if err != nil {
			whole = append(whole, part...)
			continue
		}
		line := part[:len(part)-1]
		if len(whole) > 0 {
			whole = append(whole, line...)
			line = whole
		}
		if err := f(line); err != nil {
			return err
		}
		whole = whole[:0]
	}
}

// book reads the ledger and follows its chain.
func (v *verifier) book() {
	v.ld.record = make(map[string]int64)
	f, err := v.open(ledgerFile)
	if err != nil {
		return // files said so
	}
	defer f.Close()
	n := 0
	err = lines(&stoppable{v, f}, func(line []byte) error {
		n++
		if err := v.ld.follow(line, v.m.Period); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		return nil
	})
	if err != nil && v.ctx.Err() == nil {
		v.r.problem("%s: %v", ledgerFile, err)
	}
	v.r.Entries = v.ld.end.Full + v.ld.end.Hashed
	if v.ld.end != v.m.Ledger {
		v.r.problem("%s: the ledger ends with entry %d (%s, %d in full), and %d (%s, %d in full) is in the manifest", ledgerFile,
			v.ld.end.Seq, v.ld.end.Head, v.ld.end.Full, v.m.Ledger.Seq, v.m.Ledger.Head, v.m.Ledger.Full)
	}
}

// follow reads the next line of ledger.jsonl.
func (b *book) follow(line []byte, p Period) error {
	var s stub
	if err := json.Unmarshal(line, &s); err != nil {
		return err
	}
	if s.Hashed {
		again, err := json.Marshal(s)
		if err != nil || !bytes.Equal(line, again) {
			return errors.New("it says more than its place in the chain")
		}
		if s.Seq != b.end.Seq+1 || s.Prev != b.end.Head {
			return &ledger.BrokenError{Seq: s.Seq, Problem: "does not follow from the one before it"}
		}
		b.end.Chain = ledger.Chain{Seq: s.Seq, Head: s.Hash}
		b.end.Hashed++
		return nil
	}
	var e ledger.Entry
	if err := json.Unmarshal(line, &e); err != nil {
		return err
	}
	if again, err := json.Marshal(&e); err != nil || !bytes.Equal(line, again) {
		return errors.New("it is not written as the ledger writes it") // its hash covers the values alone
	}
	if err := b.end.Follow(&e); err != nil {
		return err
	}
	return b.note(&e, p)
}

// sealed computes the roots of all seals of the period again, and counts.
func (v *verifier) sealed() {
	v.tally, v.whole = newTally(), true
	listed := make(map[int64]*SealFile, len(v.m.Seals))
	var last int64
	for i := range v.m.Seals {
		f := &v.m.Seals[i]
		if f.Entry <= last {
			v.r.problem("%s: the seals are out of order: entry %d", manifestFile, f.Entry)
		}
		last = f.Entry
		listed[f.Entry] = f
	}
	used := make(map[string]bool)
	for i := range v.ld.seals {
		s := &v.ld.seals[i]
		f := listed[s.seq]
		delete(listed, s.seq)
		if within := s.within(v.m.Period); within && f == nil {
			v.r.problem("%s: the seal that is entry %d of the ledger is missing", manifestFile, s.seq)
		} else if within {
			used[f.File] = true
			v.seal(s, f)
		} else if f != nil {
			v.r.problem("%s: the seal that is entry %d of the ledger has nothing to do with the period", manifestFile, s.seq)
		}
		if v.ctx.Err() != nil {
			return
		}
	}
	v.deletions()
	for _, seq := range slices.Sorted(maps.Keys(listed)) {
		v.r.problem("%s: entry %d of the ledger is no seal", manifestFile, seq)
	}
	for i := range v.m.Files {
		if name := v.m.Files[i].Name; len(name) > len(eventsDir) && name[:len(eventsDir)+1] == eventsDir+"/" && !used[name] {
			v.r.problem("%s: it belongs to no seal", printable(name))
		}
	}
}

// deletions checks that no more is said to be past its time than the ledger has
// deleted.
func (v *verifier) deletions() {
	var said, done int64
	for i := range v.m.Seals {
		if n := v.m.Seals[i].Deleted; n < 0 || n > v.m.Seals[i].Events {
			v.r.problem("%s: %d of %d sightings are deleted under the seal that is entry %d", manifestFile, n, v.m.Seals[i].Events, v.m.Seals[i].Entry)
			return
		}
		said += v.m.Seals[i].Deleted
	}
	for i := range v.ld.deletions {
		done += v.ld.deletions[i].Deleted.Events
	}
	if said > done {
		v.r.problem("%s: %d sightings are said to be past their time, and the deletions in the ledger are of %d", manifestFile, said, done)
	}
}

// seal checks one seal with its file.
func (v *verifier) seal(s *sealEntry, f *SealFile) {
	fail := func(format string, args ...any) { v.r.problem("seal %d: %s", s.seq, fmt.Sprintf(format, args...)) }
	if f.Events != s.Events || !slices.Equal(f.Broken, s.Broken) {
		fail("it is of %d sightings, and the manifest says %d", s.Events, f.Events)
	}
	v.whole = v.whole && f.Deleted == 0 && len(f.Broken) == 0
	if f.Deleted != 0 && (v.ld.deleted(s) == 0 || v.ld.deleted(s) != f.Deletion) {
		fail("the manifest says that %d sightings are past their time, and no deletion in the ledger does", f.Deleted)
	}
	if len(f.Broken) > 0 {
		v.r.note("seal %d (%s): the sightings of %d batches were changed before they were sealed, and are not in the pack", s.seq, s.days(), len(f.Broken))
	}
	if f.Shown != s.shown() {
		fail("hashes of %d deleted sightings are in the ledger, and the manifest says %d", s.shown(), f.Shown)
	}
	tree := inventory.NewSealTree(s.gone)
	inside, left := int64(0), int64(0)
	if f.File != "" {
		var err error
		if inside, left, err = v.leaves(f, s.Events, tree); err != nil {
			fail("%s: %v", printable(f.File), err)
			return
		}
		v.r.Events += inside
	}
	switch {
	case f.Inside != inside:
		fail("%d sightings of the period are in its file, and the manifest says %d", inside, f.Inside)
	case f.File != "" && f.File != fmt.Sprintf("%s/%d.jsonl.zst", eventsDir, s.seq):
		fail("its file is called %.60q", f.File)
	case f.State == SealWhole && f.Deleted == 0 && f.File != "":
		if v.r.Seals++; !tree.Holds(&s.Seal) {
			fail("the root of the sightings in %s is %s (%d), and %s (%d) was sealed", f.File, tree.Root(), tree.Len(), s.Root, s.Events)
		}
	case f.State == SealOutside && f.Deleted == 0 && f.File == "":
		v.r.note("seal %d (%s): the pack says that none of its %d sightings lies in the period; that can't be checked without them", s.seq, s.days(), s.Events)
	case (f.State == SealPartly || f.State == SealGone) && f.Deleted > 0 && f.File == "":
		v.r.note("seal %d (%s): %d of its %d sightings are past their time and deleted (ledger entry %d), and the pack says that no other lies in the period; that can't be checked without them", s.seq, s.days(), f.Deleted, s.Events, f.Deletion)
	case f.State == SealPartly && f.Deleted > 0:
		v.partly(s, f, tree, left, fail)
	default:
		fail("the manifest contradicts itself: state %.20q, %d deleted, file %.60q", f.State, f.Deleted, f.File)
	}
}

// partly checks a seal of which some sightings are left.
func (v *verifier) partly(s *sealEntry, f *SealFile, tree *inventory.SealTree, left int64, fail func(string, ...any)) {
	gone := fmt.Sprintf("seal %d (%s): %d of its %d sightings are past their time and deleted (ledger entry %d)", s.seq, s.days(), f.Deleted, s.Events, f.Deletion)
	switch {
	case left != s.Events-f.Deleted:
		fail("%d sightings are in its file, and %d should be left", left, s.Events-f.Deleted)
	case f.Unproven():
		v.r.Unproven++
		v.r.note("%s, and no hashes of them were kept: its root can't be computed any more, and nothing shows that the %d others are what was sealed", gone, left)
	case !tree.Holds(&s.Seal):
		fail("the root of the sightings in %s, and of the hashes kept of those deleted, is %s, and %s was sealed", f.File, tree.Root(), s.Root)
	default:
		v.r.Seals++
		v.r.note("%s: its root was computed with the hashes that the ledger keeps of them", gone)
	}
}

// leaves reads the file of a seal into a tree, and counts those of the period and
// all.
func (v *verifier) leaves(f *SealFile, most int64, tree *inventory.SealTree) (inside, left int64, err error) {
	if err := checkName(f.File); err != nil {
		return 0, 0, err
	}
	file, err := v.open(f.File)
	if err != nil {
		return 0, 0, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return 0, 0, reason(err)
	}
	err = leaves(&stoppable{v, file}, info.Size(), most, func(line []byte, e *inventory.Event, leaf ledger.Hash) error {
		left++
		if err := tree.Leaf(leaf); err != nil {
			return fmt.Errorf("line %d: %w", left, err)
		}
		if e == nil {
			return nil
		}
		if !v.m.Period.Contains(e.Time) {
			return fmt.Errorf("line %d: a sighting of %s lies outside the period", left, e.Time)
		}
		inside++
		return v.tally.add(e)
	})
	return inside, left, err
}

// leaves calls f with each line of a file of sightings: with the sighting, or nil
// where only the hash of one is there.
func leaves(r io.Reader, size, most int64, f func(line []byte, e *inventory.Event, leaf ledger.Hash) error) error {
	n := int64(0)
	return unzipped(r, size, func(line []byte) error {
		if n++; n > most {
			return fmt.Errorf("it has more than the %d sightings that were sealed", most)
		}
		if len(line) > 0 && line[0] == '"' {
			var h ledger.Hash
			if err := json.Unmarshal(line, &h); err != nil {
				return fmt.Errorf("line %d: %w", n, err)
			}
			return f(line, nil, h)
		}
		e := new(inventory.Event)
		if err := json.Unmarshal(line, e); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		return f(line, e, ledger.Leaf(line))
	})
}
