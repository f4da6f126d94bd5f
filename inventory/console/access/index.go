package access

import (
	"crypto/sha256"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

// Identity is who asks.
type Identity struct {
	Name string `json:"name"` // as the ledger shows it: "token:ci", "oidc:ann@example.com", a user of this machine
	Role Role   `json:"role"`
}

// Index finds tokens. It follows the ledger. The zero value is ready for use;
// its methods are safe for concurrent use.
type Index struct{ current atomic.Pointer[index] }

// index holds the tokens of one state of the ledger.
type index struct {
	seq   int64
	bySum map[ledger.Hash]entry
}

type entry struct {
	Identity
	until string
}

// Find returns whose token it is. Looking up hashes tells an attacker nothing by
// its timing. An error means that the ledger can't be read.
func (x *Index) Find(b *inventory.Book, token string, now time.Time) (Identity, bool, error) {
	if len(token) > 200 { // none of ours
		return Identity{}, false, nil
	}
	i := x.current.Load()
	if i == nil || i.seq != b.Chain().Seq {
		var err error
		if i, err = newIndex(b); err != nil {
			return Identity{}, false, err
		}
		x.current.Store(i)
	}
	e, ok := i.bySum[sha256.Sum256([]byte(token))]
	if !ok || ended(e.until, now) {
		return Identity{}, false, nil
	}
	return e.Identity, true, nil
}

func newIndex(b *inventory.Book) (*index, error) {
	i := &index{seq: b.Chain().Seq, bySum: make(map[ledger.Hash]entry)}
	for name, history := range b.Subjects(inventory.TopicAccess) {
		n, err := inventory.Read[Note](&history[len(history)-1])
		if err != nil {
			return nil, fmt.Errorf("token %q: %w", name, err)
		}
		if !n.Revoked && n.Role.Known() {
			i.bySum[n.Sum] = entry{Identity{"token:" + name, n.Role}, n.Until}
		}
	}
	return i, nil
}
