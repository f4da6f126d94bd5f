package inventory

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/gnomon-proxy/gnomon/inventory/ledger"
	"github.com/gnomon-proxy/gnomon/inventory/varint"
)

// CopyFile, in the state directory, holds a copy of the ledger: a start need not read the whole of it,
// and a gateway can start while its store is away. It is a chain of frames, each
// sealed behind its length: a book, then the entries that came after it. Nothing
// but a start relies on it: Verify reads the store.
const CopyFile = "ledger.copy"

const (
	// copyEvery is how many entries a program that only looks at the ledger reads
	// from the store rather than to write the copy anew, and maxTail how many
	// entries are appended to a copy before it is.
	copyEvery = 1000
	maxTail   = 4096

	// maxFrame bounds what is read at once.
	maxFrame = 1 << 30

	aboutBook = "gnomon-ledger-copy-1 book"
	aboutTail = "gnomon-ledger-copy-1 tail"
)

// ledgerCopy is the copy in a folder. The zero value keeps none.
type ledgerCopy struct {
	path string
	seal cipher.AEAD

	mu      sync.Mutex
	written os.FileInfo // as this process left the file
	through int64       // Seq of the last entry in it
	tail    int64       // entries after its book
}

func newLedgerCopy(dir string, key [32]byte) (*ledgerCopy, error) {
	c := new(ledgerCopy)
	if key == ([32]byte{}) {
		return c, nil
	}
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, fmt.Errorf("preparing the copy of the ledger: %w", err)
	}
	c.path = filepath.Join(dir, CopyFile)
	c.seal, err = cipher.NewGCMWithRandomNonce(block)
	return c, err
}

// read returns the book in the copy, nil when there is none. What is damaged or
// sealed under another key counts as not there; problem says so.
func (c *ledgerCopy) read() (b *Book, problem error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seal == nil {
		return nil, nil
	}
	raw, err := os.ReadFile(c.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	plain, rest, err := c.frame(raw, aboutBook)
	if err != nil {
		return nil, err
	}
	if b, err = unpackBook(plain); err != nil {
		return nil, err
	}
	c.through, c.tail = b.chain.Seq, 0
	w := b.writer()
	for len(rest) > 0 {
		if plain, rest, err = c.frame(rest, aboutTail); err != nil {
			break // a tail that was cut off in the middle: the store has it
		}
		if err := w.tail(plain); err != nil {
			return w.book, err
		}
	}
	c.tail = w.book.chain.Seq - c.through
	c.through = w.book.chain.Seq
	return w.book, nil
}

var errCopy = errors.New("the copy of the ledger is damaged, or sealed under another key")

// frame opens the first of some frames.
func (c *ledgerCopy) frame(b []byte, about string) (plain, rest []byte, err error) {
	if len(b) < 4 {
		return nil, nil, errCopy
	}
	n := binary.BigEndian.Uint32(b)
	if b = b[4:]; n > maxFrame || int64(n) > int64(len(b)) {
		return nil, nil, errCopy
	}
	plain, err = c.seal.Open(b[:0], nil, b[:n], []byte(about))
	if err != nil {
		return nil, nil, errCopy
	}
	return plain, b[n:], nil
}

// sealed returns the frame of a text.
func (c *ledgerCopy) sealed(plain []byte, about string) []byte {
	n := len(plain) + c.seal.Overhead()
	b := binary.BigEndian.AppendUint32(make([]byte, 0, 4+n), uint32(n))
	return c.seal.Seal(b, nil, plain, []byte(about))
}

// write replaces the copy by one of b.
func (c *ledgerCopy) write(b *Book) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.writeLocked(b)
}

// update does so when the copy is so many entries behind.
func (c *ledgerCopy) update(b *Book, behind int64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if b.chain.Seq-c.through < behind && c.tail <= maxTail {
		return nil
	}
	return c.writeLocked(b)
}

func (c *ledgerCopy) writeLocked(b *Book) error {
	if c.seal == nil {
		return nil
	}
	plain := packBook(b)
	if len(plain) > maxFrame-c.seal.Overhead() {
		return fmt.Errorf("the ledger is too long for a copy: %d bytes", len(plain))
	}
	f, err := os.CreateTemp(filepath.Dir(c.path), "."+CopyFile+".*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(c.sealed(plain, aboutBook))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), c.path); err != nil {
		return err
	}
	if c.written, err = os.Stat(c.path); err != nil {
		return err
	}
	c.through, c.tail = b.chain.Seq, 0
	return nil
}

// follow brings the copy to b, which only one process does at a time.
func (c *ledgerCopy) follow(b *Book) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := b.chain.Seq - c.through
	if c.seal == nil || n == 0 && c.written != nil {
		return nil
	}
	now, err := os.Stat(c.path)
	if err != nil || c.written == nil || !os.SameFile(now, c.written) || n < 0 || c.tail+n > maxTail {
		return c.writeLocked(b)
	}
	f, err := os.OpenFile(c.path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(c.sealed(packTail(b.Since(c.through)), aboutTail))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		c.written = nil // what follows a frame that was cut off is not read
		return err
	}
	c.through, c.tail = b.chain.Seq, c.tail+n
	return nil
}

// packBook writes an index of all histories and, behind it, their entries.
func packBook(b *Book) []byte {
	index := binary.AppendVarint(nil, b.chain.Seq)
	index = append(index, b.chain.Head[:]...)
	index = binary.AppendUvarint(index, uint64(len(b.topics)))
	var entries []byte
	for _, t := range slices.Sorted(maps.Keys(b.topics)) {
		index = varint.AppendText(index, string(t))
		index = binary.AppendUvarint(index, uint64(len(b.topics[t])))
		for _, subject := range slices.Sorted(maps.Keys(b.topics[t])) {
			h, before := b.topics[t][subject], len(entries)
			entries = h.pack(entries)
			index = varint.AppendText(index, subject)
			index = binary.AppendUvarint(index, uint64(h.n))
			index = binary.AppendVarint(index, h.last)
			index = binary.AppendUvarint(index, uint64(len(entries)-before))
		}
	}
	return append(binary.AppendUvarint(nil, uint64(len(index))), append(index, entries...)...)
}

// unpackBook reads it. The entries stay where they are, in plain.
func unpackBook(plain []byte) (*Book, error) {
	in := varint.NewReader(plain)
	index := varint.NewReader(in.Bytes(in.Count()))
	b := &Book{topics: make(map[Topic]map[string]*history)}
	b.chain.Seq = index.Int()
	copy(b.chain.Head[:], index.Bytes(len(ledger.Hash{})))
	for range index.Count() {
		topic, n := index.Text(), index.Count()
		subjects := make(map[string]*history, n)
		b.topics[Topic(topic)] = subjects
		list := make([]history, n)
		for i := range list {
			h := &list[i]
			h.kind, h.subject = topic, index.Text()
			size, last := index.Size(maxFrame), index.Int()
			h.n, h.last, h.packed = size, last, in.Bytes(index.Size(maxFrame))
			subjects[h.subject] = h
		}
	}
	if !index.Done() || !in.Done() {
		return nil, errCopy
	}
	return b, nil
}

// packTail writes entries that follow a book.
func packTail(list []ledger.Entry) []byte {
	b := binary.AppendUvarint(nil, uint64(len(list)))
	for i := range list {
		b = varint.AppendText(b, list[i].Kind)
		b = varint.AppendText(b, list[i].Subject)
		b = packEntry(b, &list[i])
	}
	return b
}

// tail takes the entries that packTail has written, as far as they are new.
func (w *bookWriter) tail(plain []byte) error {
	in := varint.NewReader(plain)
	for range in.Count() {
		e := ledger.Entry{Kind: in.Text(), Subject: in.Text()}
		unpackEntry(&in, &e)
		if in.Bad() {
			return errCopy
		}
		if e.Seq <= w.book.chain.Seq {
			continue
		}
		if err := w.add(&e); err != nil {
			return err
		}
	}
	return nil
}
