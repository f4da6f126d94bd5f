package inventory_test

import (
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// TestSecondPerson tries every way in which one person could be two.
func TestSecondPerson(t *testing.T) {
	dir := t.TempDir()
	v := newInventory(t, inventory.Config{Dir: dir, Store: openStore(t, dir)})
	made := func(by, token string, revoked bool) {
		t.Helper()
		_, err := v.Write(t.Context(), by, func(*inventory.Book) ([]inventory.Note, error) {
			return []inventory.Note{{Topic: inventory.TopicAccess, Subject: token, Data: map[string]any{"revoked": revoked}}}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	made("ann", "rita", false)      // ann knows the token of rita,
	made("token:rita", "ci", false) // and what that token made
	made("boss", "ralf", false)
	made("boss", "rosa", false)
	made("token:rosa", "lea", false)
	made("root", "otto", false)
	made("root", "olga", false)
	made("ann", "ralf", true) // revoking a token tells nobody what it is
	for _, tt := range []struct {
		name, first, second string
		ok                  bool
	}{
		{"two people", "ann", "rita", true},
		{"two people through a provider", "oidc:ann@example.com", "oidc:rita@example.com", true},
		{"a token that a third one made", "ann", "token:ralf", true},
		{"herself", "ann", "ann", false},
		{"herself in capitals", "ann", " ANN ", false},
		{"her own token", "ann", "token:ann", false},
		{"her login through a provider", "ann", "oidc:ann@example.com", false},
		{"her login first", "oidc:ann@example.com", "ann", false},
		{"a token that she made", "ann", "token:rita", false},
		{"a token that a token of hers made", "ann", "token:ci", false},
		{"the maker of the token that asked", "token:rita", "ann", false},
		{"two tokens that a third one made", "token:ralf", "token:rosa", false},
		{"a token and the token of a token of one maker", "token:lea", "token:ralf", false},
		{"a token and one of somebody else", "token:ralf", "token:rita", true},
		{"two tokens of root", "token:otto", "token:olga", true},
		{"root", "ann", "root", false},
		{"asked as root", "root", "ann", false},
		{"root by number", "ann", "uid 0", false},
		{"a token called root", "ann", "token:root", false},
		{"who came by the printed link", "ann", "console", false},
		{"nobody", "ann", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := v.Book().SecondPerson(tt.first, tt.second)
			if (err == nil) != tt.ok || err != nil && !refused(err) {
				t.Errorf("SecondPerson(%q, %q) = %v, want ok %v", tt.first, tt.second, err, tt.ok)
			}
		})
	}
}
