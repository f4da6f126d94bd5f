package inventory

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

// KeyError says that the key of pseudonyms is not the one that an inventory was
// kept under, or not there: with another one people would get other pseudonyms,
// and what was sealed since a rotation would look changed.
type KeyError struct {
	Path    string
	Missing bool
}

func (e *KeyError) Error() string {
	what := "is another key than the one that this inventory was kept under"
	if e.Missing {
		what = "is not there, and this inventory was kept under one"
	}
	return fmt.Sprintf("%s %s: nothing was changed; put the people.key of the gateway that kept it there (backup --with-keys has it). "+
		"If it is lost for good, gnomon inventory ledger --new-key --reason TEXT goes on under a new one: names that are hidden so far can't be told any more", e.Path, what)
}

// NewKey is what the ledger holds of a key of pseudonyms that took the place of
// one that was lost (TopicKey). The subject is "".
type NewKey struct {
	Key    string `json:"people_key"` // see mask.check
	Reason string `json:"reason"`
}

// check returns what the store knows the key of pseudonyms by. It tells nothing
// of the key.
func (m *mask) check() string { return m.key.Hash("check", []byte("people.key"))[:16] }

// keyCheck returns the check of the key that a book was last kept under, "" when it
// does not say.
func (b *Book) keyCheck() (string, error) {
	var check string
	var seq int64
	if e, ok := b.Last(TopicKey, ""); ok {
		n, err := Read[NewKey](e)
		if err != nil {
			return "", err
		}
		check, seq = n.Key, e.Seq
	}
	seals := b.History(TopicSeal, "")
	for i := len(seals) - 1; i >= 0 && seals[i].Seq > seq; i-- {
		s, err := Read[Seal](&seals[i])
		if err != nil {
			return "", err
		}
		if s.Key != "" {
			return s.Key, nil
		}
	}
	return check, nil
}

// CheckKey looks whether the key of pseudonyms in a folder is the one that a store
// was kept under. The error is a *KeyError when it is not, or is not there.
func CheckKey(ctx context.Context, s Store, dir string) error {
	book, err := new(Book).next(ctx, s)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, keyFile)
	_, err = os.Stat(path)
	if missing := errors.Is(err, fs.ErrNotExist); missing {
		return checkKey(ctx, s, book, new(mask), path, true)
	}
	m, err := newMask(dir)
	if err != nil {
		return err
	}
	return checkKey(ctx, s, book, m, path, false)
}

// namesTried is how many sealed names a key is tried on, of each kind of people.
const namesTried = 3

// checkKey compares the key with what the ledger says of it. A ledger that is older
// than that does not: then the key is tried on names that are sealed under it. A
// store that does not answer now is no proof of another key.
func checkKey(ctx context.Context, s Store, b *Book, m *mask, path string, missing bool) error {
	want, err := b.keyCheck()
	if err != nil {
		return err
	}
	if want != "" {
		if missing || want != m.check() {
			return &KeyError{path, missing}
		}
		return nil
	}
	tried := false
	for _, kind := range [...]Kind{KindUser, KindClient} {
		list, err := s.Subjects(ctx, kind, namesTried)
		if err != nil {
			return nil
		}
		for i := range list {
			p, err := s.Person(ctx, list[i].Name)
			if err != nil {
				continue
			}
			if !missing {
				if _, err := m.reveal(p); err == nil {
					return nil
				}
			}
			tried = true
		}
	}
	if tried {
		return &KeyError{path, missing}
	}
	return nil
}

// openMask reads the key of pseudonyms, and makes one where the store was kept
// under none. load reads the ledger.
func (v *Inventory) openMask(ctx context.Context, load func() error) error {
	path := filepath.Join(v.cfg.Dir, keyFile)
	_, err := os.Stat(path)
	missing := errors.Is(err, fs.ErrNotExist)
	if !missing {
		if v.mask, err = newMask(v.cfg.Dir); err != nil {
			return err
		}
	}
	if err := load(); err != nil {
		return err
	}
	m := v.mask
	if missing {
		m = new(mask)
	}
	if !v.cfg.AnyKey {
		if err := checkKey(ctx, v.cfg.Store, v.Book(), m, path, missing); err != nil {
			return err
		}
	}
	if missing {
		v.mask, err = newMask(v.cfg.Dir)
	}
	return err
}

// TakeKey puts on record that the key of pseudonyms in the state directory takes
// the place of one that was lost.
func (v *Inventory) TakeKey(ctx context.Context, reason, by string) (ledger.Chain, error) {
	book, err := v.Write(ctx, by, func(b *Book) ([]Note, error) {
		if was, err := b.keyCheck(); err != nil || was == v.mask.check() {
			return nil, errors.Join(err, errors.New("people.key is the one that this inventory is kept under: there is nothing to do"))
		}
		return []Note{{TopicKey, "", NewKey{Key: v.mask.check(), Reason: reason}}}, nil
	})
	if err != nil {
		return ledger.Chain{}, err
	}
	return book.Chain(), nil
}
