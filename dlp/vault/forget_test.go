package vault_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/dlp/vault"
	"github.com/gnomon-proxy/gnomon/traffic"
)

func who(s traffic.Speaker) string { return "p-" + s.Who }

var bob = traffic.Speaker{Who: "bob", Service: ann.Service, Conversation: ann.Conversation}

// TestForget wipes all conversations of one person and no others.
func TestForget(t *testing.T) {
	v := open(t, func(c *vault.Config) { c.Person = who })
	other := ann
	other.Conversation = "c2"
	_, first := hide(t, v, ann, email, "a@corp.example")
	hide(t, v, ann, card, "4012888888881881")
	_, second := hide(t, v, other, email, "b@corp.example")
	_, bobs := hide(t, v, bob, email, "a@corp.example")
	for want := range []int64{3, 0} {
		n, err := v.Forget(t.Context(), "p-ann")
		if want := []int64{3, 0}[want]; n != want || err != nil {
			t.Errorf("forgot %d, %v; want %d", n, err, want)
		}
	}
	if a, b, c := value(v, ann, first), value(v, other, second), value(v, bob, bobs); a != "" || b != "" || c != "a@corp.example" {
		t.Errorf("ann has %q and %q, bob %q", a, b, c)
	}
	if s := v.Stats(); s.Tokens != 1 || s.Conversations != 1 || s.Forgotten != 3 {
		t.Errorf("%+v", s)
	}
	if _, name := hide(t, v, ann, email, "c@corp.example"); value(v, ann, name) != "c@corp.example" {
		t.Error("who was forgotten can't speak again")
	}
	if n, err := v.Forget(t.Context(), ""); n != 0 || err != nil {
		t.Errorf("forgot nobody: %d, %v", n, err)
	}
}

// TestForgetShared wipes what gateways share as well, also what another gateway,
// or none any more, has in memory.
func TestForgetShared(t *testing.T) {
	st := &shared{}
	gateway := func() *vault.Vault {
		v := open(t, func(c *vault.Config) { c.Shared, c.Person = st, who })
		v.Use(true)
		return v
	}
	a, b := gateway(), gateway()
	stop := run(t, a)
	run(t, b)
	_, name := hide(t, a, ann, email, "a@corp.example")
	hide(t, a, bob, email, "a@corp.example")
	await(t, "the values are shared", func() bool { return st.len() == 2 })
	await(t, "another gateway knows it", func() bool {
		tokens := b.Open(ann, false)
		return tokens != nil && slices.Contains(tokens.Names(), name)
	})
	stop()
	if n, err := gateway().Forget(t.Context(), "p-ann"); n != 1 || err != nil { // one that has nothing in memory
		t.Errorf("forgot %d, %v; want 1", n, err)
	}
	if st.len() != 1 {
		t.Errorf("%d values are shared, want bob's", st.len())
	}
	if n, err := b.Forget(t.Context(), "p-ann"); n != 1 || err != nil || value(b, ann, name) != "" {
		t.Errorf("the other gateway forgot %d, %v", n, err)
	}
	st.mu.Lock()
	st.down = true
	st.mu.Unlock()
	if _, err := b.Forget(t.Context(), "p-ann"); err == nil {
		t.Error("no error while the store is away")
	}
}

// TestForgetOnTheWay forgets a person whose values are about to be shared: they
// don't come to stay there.
func TestForgetOnTheWay(t *testing.T) {
	st := &shared{hold: make(chan struct{})}
	v := open(t, func(c *vault.Config) { c.Shared, c.Person, c.Now = st, who, time.Now })
	for i := range 100 {
		hide(t, v, ann, email, fmt.Sprint(i, "@corp.example"))
	}
	hide(t, v, bob, email, "a@corp.example")
	stop := run(t, v)
	if n, err := v.Forget(t.Context(), "p-ann"); n != 100 || err != nil {
		t.Errorf("forgot %d, %v; want 100", n, err)
	}
	close(st.hold)
	stop()
	if n := st.len(); n != 1 {
		t.Errorf("%d values are shared, want bob's", n)
	}
}
