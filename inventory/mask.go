package inventory

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// keyFile holds the keys of the pseudonyms: 32 bytes for the names that are
// shown, 32 to seal the real ones. Without it nobody can tell who is who; it
// stays out of every export and copy of the store.
const keyFile = "people.key"

// maxKnown bounds the names that are remembered. Beyond it they are hashed and
// sealed again, which costs time and harms nothing.
const maxKnown = 1 << 16

// mask replaces people by pseudonyms.
type mask struct {
	key  traffic.Key
	seal cipher.AEAD

	mu      sync.Mutex
	users   map[string]pseudonym
	clients map[netip.Addr]pseudonym
	known   map[string]bool // pseudonyms whose names the store has

	aliases     map[aliased]string
	generations map[int64]cipher.Block
}

type pseudonym struct {
	id    string
	known bool // as in mask.known, to look only once
}

func newMask(dir string) (*mask, error) {
	raw, err := loadKey(filepath.Join(dir, keyFile))
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(raw[32:])
	if err != nil {
		return nil, fmt.Errorf("preparing the key of pseudonyms: %w", err)
	}
	m := &mask{
		key: traffic.Key(raw[:32]), known: make(map[string]bool),
		users: make(map[string]pseudonym), clients: make(map[netip.Addr]pseudonym),
		aliases: make(map[aliased]string), generations: make(map[int64]cipher.Block),
	}
	if m.seal, err = cipher.NewGCMWithRandomNonce(block); err != nil {
		return nil, fmt.Errorf("preparing the key of pseudonyms: %w", err)
	}
	return m, nil
}

// loadKey reads the key, or makes it. Of two processes that start at once both
// use the key of the one that came first.
func loadKey(path string) ([]byte, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeKey(path); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("making the key of pseudonyms: %w", err)
		}
		raw, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the key of pseudonyms: %w", err)
	}
	if len(raw) != 64 {
		return nil, fmt.Errorf("reading the key of pseudonyms %q: it has %d bytes instead of 64: restore it from a copy, or delete it to begin with new pseudonyms", path, len(raw))
	}
	return raw, nil
}

func makeKey(path string) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), keyFile+".*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	raw := make([]byte, 64)
	rand.Read(raw) // never fails (crypto/rand)
	_, err = tmp.Write(raw)
	if err := errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	return os.Link(tmp.Name(), path) // unlike a rename, it never replaces a key
}

// user returns the pseudonym of a user. It appends the sealed name to people
// unless the store has it already.
func (m *mask) user(people []Person, name string) (string, []Person) {
	if name == "" {
		return "", people
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.users[name]
	if p.known {
		return p.id, people
	}
	name = strings.Clone(name) // it may be part of a request
	p, people = m.hideLocked(p, people, "u", name)
	remember(m.users, name, p)
	return p.id, people
}

// client is user for the address of a client.
func (m *mask) client(people []Person, addr netip.Addr) (string, []Person) {
	if !addr.IsValid() {
		return "", people
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.clients[addr]
	if p.known {
		return p.id, people
	}
	p, people = m.hideLocked(p, people, "c", addr.String())
	remember(m.clients, addr, p)
	return p.id, people
}

// hideLocked completes p, the pseudonym of a name, or the zero value when there
// is none yet.
func (m *mask) hideLocked(p pseudonym, people []Person, kind, name string) (pseudonym, []Person) {
	if p.id == "" {
		p.id = kind + "-" + m.key.Hash(kind, []byte(name))[:12]
	}
	if p.known = m.known[p.id]; !p.known {
		people = append(people, Person{ID: p.id, Sealed: m.seal.Seal(nil, nil, []byte(name), []byte(p.id))})
	}
	return p, people
}

// remember adds to a map that begins anew when it is full.
func remember[K comparable, V any](m map[K]V, k K, v V) {
	if _, ok := m[k]; !ok && len(m) >= maxKnown {
		clear(m)
	}
	m[k] = v
}

// reveal opens a sealed name.
func (m *mask) reveal(p Person) (string, error) {
	name, err := m.seal.Open(nil, nil, p.Sealed, []byte(p.ID))
	if err != nil {
		return "", fmt.Errorf("opening the name behind %s: it was sealed under another key", p.ID)
	}
	return string(name), nil
}

// stored notes that the store has the names in events.
func (m *mask) stored(events []Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range events {
		for _, p := range events[i].People {
			remember(m.known, p.ID, true)
		}
	}
}

// forget makes no assumption any more about what the store has, and drops the
// names.
func (m *mask) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.users)
	clear(m.clients)
	clear(m.known)
}
