package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

// prefix tells scanners of code and logs what a token is.
const prefix = "gnomon_"

// Note is what the ledger holds of a token (inventory.TopicAccess; the subject
// is its name).
type Note struct {
	Role    Role        `json:"role,omitempty"`
	Sum     ledger.Hash `json:"sha256"`          // of the token
	Until   string      `json:"until,omitempty"` // last day, YYYY-MM-DD in UTC; "": without end
	Revoked bool        `json:"revoked,omitempty"`
	Reason  string      `json:"reason,omitempty"`
}

// Token is a token as it is listed.
type Token struct {
	Name    string    `json:"name"`
	Role    Role      `json:"role"`
	Until   string    `json:"until"`
	Made    time.Time `json:"made"`
	By      string    `json:"by"`
	Revoked bool      `json:"revoked"`
	Ended   bool      `json:"ended"` // its last day has passed
}

// tokenName is what a token may be called.
var tokenName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

// Create makes a token and puts it on record. The secret is returned here and
// nowhere else. A name that is in use is refused; that of a revoked or ended
// token is free again.
func Create(ctx context.Context, inv *inventory.Inventory, by, name string, role Role, until string, now time.Time) (secret string, err error) {
	switch {
	case !tokenName.MatchString(name):
		return "", &inventory.InvalidError{Problem: fmt.Sprintf("%.80q is no name of a token: use up to 64 of a-z, 0-9, '.', '_' and '-'", name)}
	case !role.Known():
		return "", &inventory.InvalidError{Problem: fmt.Sprintf("unknown role %.40q: it is one of %v", string(role), Roles())}
	}
	if until != "" {
		if _, err := time.Parse(time.DateOnly, until); err != nil {
			return "", &inventory.InvalidError{Problem: fmt.Sprintf("until %.40q is no date: write it as YYYY-MM-DD", until)}
		}
		if ended(until, now) {
			return "", &inventory.InvalidError{Problem: "until " + until + " has passed: the token would never work"}
		}
	}
	raw := make([]byte, 32)
	rand.Read(raw) // never fails (crypto/rand)
	secret = prefix + base64.RawURLEncoding.EncodeToString(raw)
	_, err = inv.Write(ctx, by, func(b *inventory.Book) ([]inventory.Note, error) {
		old, ok, err := inventory.Newest[Note](b, inventory.TopicAccess, name)
		if err != nil {
			return nil, err
		}
		if ok && !old.Revoked && !ended(old.Until, now) {
			return nil, &inventory.InvalidError{Problem: fmt.Sprintf("there is a token %q already: revoke it first, or choose another name", name)}
		}
		return []inventory.Note{{Topic: inventory.TopicAccess, Subject: name, Data: &Note{Role: role, Sum: sha256.Sum256([]byte(secret)), Until: until}}}, nil
	})
	if err != nil {
		return "", err
	}
	return secret, nil
}

// UnknownTokenError says that there is no such token.
type UnknownTokenError struct{ Name string }

func (e *UnknownTokenError) Error() string { return fmt.Sprintf("no token %.80q is known", e.Name) }

// Revoke ends a token: it works no more from the next request on, at other
// gateways as soon as they see the entry.
func Revoke(ctx context.Context, inv *inventory.Inventory, by, name, reason string) error {
	_, err := inv.Write(ctx, by, func(b *inventory.Book) ([]inventory.Note, error) {
		old, ok, err := inventory.Newest[Note](b, inventory.TopicAccess, name)
		switch {
		case err != nil:
			return nil, err
		case !ok:
			return nil, &UnknownTokenError{name}
		case old.Revoked:
			return nil, nil
		}
		return []inventory.Note{{Topic: inventory.TopicAccess, Subject: name, Data: &Note{Role: old.Role, Sum: old.Sum, Until: old.Until, Revoked: true, Reason: reason}}}, nil
	})
	return err
}

// List returns all tokens that were ever made, by name.
func List(b *inventory.Book, now time.Time) ([]Token, error) {
	list := []Token{}
	for name, history := range b.Subjects(inventory.TopicAccess) {
		n, err := inventory.Read[Note](&history[len(history)-1])
		if err != nil {
			return nil, err
		}
		made, err := maker(history, n.Sum)
		if err != nil {
			return nil, err
		}
		list = append(list, Token{Name: name, Role: n.Role, Until: n.Until, Made: made.Time, By: made.By, Revoked: n.Revoked, Ended: ended(n.Until, now)})
	}
	slices.SortFunc(list, func(a, b Token) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// maker returns the entry with which a token was made.
func maker(history []ledger.Entry, sum ledger.Hash) (*ledger.Entry, error) {
	for i := range history {
		n, err := inventory.Read[Note](&history[i])
		if err != nil {
			return nil, err
		}
		if n.Sum == sum {
			return &history[i], nil
		}
	}
	return &history[0], nil
}

// ended reports whether the day until (UTC) is over.
func ended(until string, now time.Time) bool {
	return until != "" && now.UTC().Format(time.DateOnly) > until
}
