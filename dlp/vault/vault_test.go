package vault_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/dlp/vault"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// clock is a time that a test sets.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func newClock() *clock { return &clock{now: time.Unix(1_800_000_000, 0)} }

func open(t testing.TB, change func(*vault.Config)) *vault.Vault {
	t.Helper()
	c := vault.DefaultConfig()
	c.Key = traffic.Key{1, 2, 3}
	if change != nil {
		change(&c)
	}
	v, err := vault.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

var (
	email = &traffic.Finding{Detector: "email", Class: traffic.ClassContact}
	card  = &traffic.Finding{Detector: "payment_card", Class: traffic.ClassPaymentCard}
	ann   = traffic.Speaker{Who: "ann", Service: "openai-api", Conversation: "c1"}
)

var form = regexp.MustCompile(`^\[[A-Z]{2,12}_[A-Z][0-9A-Z]{5}\]$`)

// hide returns the token of a value and its name.
func hide(t testing.TB, v *vault.Vault, s traffic.Speaker, f *traffic.Finding, value string) (token, name string) {
	t.Helper()
	token = v.Open(s, true).Hide(f, []byte(value))
	if !form.MatchString(token) {
		t.Fatalf("the token of %q is %q", value, token)
	}
	return token, strings.Trim(token, "[]")
}

// value returns what a name stands for, "" for nothing.
func value(v *vault.Vault, s traffic.Speaker, name string) string {
	tokens := v.Open(s, false)
	if tokens == nil {
		return ""
	}
	return string(tokens.Value(name))
}

func TestTokens(t *testing.T) {
	v, again := open(t, nil), open(t, nil)
	token, name := hide(t, v, ann, email, "a@corp.example")
	if !strings.HasPrefix(token, "[EMAIL_") {
		t.Errorf("the token of an address is %q", token)
	}
	if got := value(v, ann, name); got != "a@corp.example" {
		t.Errorf("%s stands for %q", name, got)
	}
	if got, _ := hide(t, v, ann, email, "a@corp.example"); got != token {
		t.Errorf("the same value gets %q, then %q", token, got)
	}
	if got, _ := hide(t, again, ann, email, "a@corp.example"); got != token {
		t.Errorf("after a restart the same value gets %q, before %q", got, token)
	}
	if got := v.Open(ann, true).Hide(email, []byte(token)); got != token {
		t.Errorf("the token in a prompt becomes %q", got)
	}
	other := open(t, func(c *vault.Config) { c.Key = traffic.Key{9} })
	if got, _ := hide(t, other, ann, email, "a@corp.example"); got == token {
		t.Error("another deployment makes the same token")
	}
	if got, _ := hide(t, v, ann, card, "4111111111111111"); !strings.HasPrefix(got, "[CARD_") {
		t.Errorf("the token of a card is %q", got)
	}
	if names := v.Open(ann, false).Names(); len(names) != 2 || !slices.IsSorted(names) {
		t.Errorf("names %q", names)
	}
	if got := v.Open(ann, true).Hide(email, bytes.Repeat([]byte("x"), 1<<20)); got != "" {
		t.Errorf("a megabyte gets a token: %q", got)
	}
}

// TestApart holds that a token says nothing to anybody else: neither to another
// user, nor at another service, nor in another conversation.
func TestApart(t *testing.T) {
	v := open(t, nil)
	token, name := hide(t, v, ann, email, "a@corp.example")
	for _, s := range []traffic.Speaker{
		{Who: "bob", Service: ann.Service, Conversation: ann.Conversation},
		{Who: ann.Who, Service: "claude", Conversation: ann.Conversation},
		{Who: ann.Who, Service: ann.Service, Conversation: "c2"},
		{Who: ann.Who, Service: ann.Service},
		{Who: ann.Who + ann.Service, Conversation: ann.Conversation},
	} {
		if got := value(v, s, name); got != "" {
			t.Errorf("%+v gets %q for the token of another", s, got)
		}
		other, its := hide(t, v, s, email, "a@corp.example")
		if other == token {
			t.Errorf("%+v gets the same token for the same value", s)
		}
		if got := value(v, s, name); got != "" {
			t.Errorf("%+v with tokens gets %q for the token of another", s, got)
		}
		if got := value(v, ann, its); got != "" && s.Conversation != "" {
			t.Errorf("ann gets %q for the token of %+v", got, s)
		}
		if got := v.Open(s, true).Hide(email, []byte(token)); got == token {
			t.Errorf("%+v: the token of another passes for one of its own", s)
		}
	}
}

// TestFirstTurn restores in a named conversation what was hidden while it had no
// name.
func TestFirstTurn(t *testing.T) {
	v := open(t, nil)
	_, name := hide(t, v, traffic.Speaker{Who: "ann", Service: "chatgpt"}, email, "a@corp.example")
	named := traffic.Speaker{Who: "ann", Service: "chatgpt", Conversation: "c9"}
	if got := value(v, named, name); got != "a@corp.example" {
		t.Errorf("got %q", got)
	}
	hide(t, v, named, email, "b@corp.example")
	if names := v.Open(named, false).Names(); len(names) != 2 {
		t.Errorf("names %q", names)
	}
}

func TestExpiry(t *testing.T) {
	c := newClock()
	v := open(t, func(cfg *vault.Config) { cfg.Now, cfg.Keep = c.Now, time.Hour })
	_, old := hide(t, v, ann, email, "old@corp.example")
	c.pass(40 * time.Minute)
	_, young := hide(t, v, ann, email, "young@corp.example")
	if value(v, ann, young) == "" || value(v, ann, old) == "" {
		t.Fatal("gone too early")
	}
	c.pass(50 * time.Minute)
	if value(v, ann, old) == "" {
		t.Error("gone although it was in use")
	}
	c.pass(61 * time.Minute)
	if value(v, ann, old) != "" {
		t.Error("restored after its time")
	}
	v.Expire()
	if s := v.Stats(); s.Tokens != 0 || s.Conversations != 0 || s.Bytes != 0 || s.Expired != 2 || !v.Empty() {
		t.Errorf("%+v", s)
	}
}

// TestBounds puts far more into a vault than it holds.
func TestBounds(t *testing.T) {
	v := open(t, func(c *vault.Config) { c.Conversations, c.Entries, c.Bytes = 1000, 10, 512<<10 })
	for i := range 10_000 {
		s := traffic.Speaker{Who: fmt.Sprint(i), Service: "s"}
		hide(t, v, s, email, fmt.Sprintf("%d@corp.example", i))
	}
	if s := v.Stats(); s.Conversations > 1000 || s.Bytes > 512<<10 || s.Evicted != 10_000-s.Conversations {
		t.Errorf("%+v", s)
	}
	var last string
	for i := range 100 {
		_, last = hide(t, v, ann, email, fmt.Sprintf("%d@corp.example", i))
	}
	if names := v.Open(ann, false).Names(); len(names) != 10 {
		t.Errorf("%d values in a conversation", len(names))
	}
	if value(v, ann, last) != "99@corp.example" {
		t.Error("the latest value is gone")
	}
}

// TestSurplus sends more values in one request than a conversation may have: those
// that went out as tokens come back, the others are no tokens. The next request
// has room again.
func TestSurplus(t *testing.T) {
	now := time.Now()
	v := open(t, func(c *vault.Config) { c.Entries, c.Now = 10, func() time.Time { return now } })
	tokens := v.Open(ann, true)
	sent := make(map[string]string)
	for i := range 15 {
		val := fmt.Sprintf("%d@corp.example", i)
		if name := strings.Trim(tokens.Hide(email, []byte(val)), "[]"); name != "" {
			sent[name] = val
		}
	}
	if len(sent) != 10 || v.Stats().Unkept != 5 {
		t.Errorf("%d tokens, %+v", len(sent), v.Stats())
	}
	for name, val := range sent {
		if got := string(tokens.Value(name)); got != val {
			t.Errorf("%s stands for %q, want %q", name, got, val)
		}
	}
	now = now.Add(time.Second)
	if name := v.Open(ann, true).Hide(email, []byte("next@corp.example")); name == "" {
		t.Error("the next request gets no token")
	}
}

// TestNoCollisions gives each of many values of one conversation a name of its
// own.
func TestNoCollisions(t *testing.T) {
	const n = 5_000
	v := open(t, func(c *vault.Config) { c.Entries = n })
	names := make(map[string]string, n)
	for i := range n {
		val := fmt.Sprintf("%d@corp.example", i)
		_, name := hide(t, v, ann, email, val)
		if was, twice := names[name]; twice {
			t.Fatalf("%s stands for %s and %s", name, was, val)
		}
		names[name] = val
	}
	for name, val := range names {
		if got := value(v, ann, name); got != val {
			t.Fatalf("%s stands for %q, want %q", name, got, val)
		}
	}
}

func TestConcurrent(t *testing.T) {
	v := open(t, func(c *vault.Config) { c.Conversations, c.Entries = 5, 20 })
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 200 {
				s := traffic.Speaker{Who: fmt.Sprint((g + i) % 7), Service: "s", Conversation: fmt.Sprint(i % 2)}
				want := fmt.Sprintf("%d@corp.example", i%30)
				tokens := v.Open(s, true)
				name := strings.Trim(tokens.Hide(email, []byte(want)), "[]")
				if got := string(tokens.Value(name)); got != want && got != "" { // "" when another has pushed it out
					t.Errorf("%s stands for %q, want %q", name, got, want)
				}
				tokens.Names()
				if i%50 == 0 {
					v.Expire()
					v.Stats()
				}
			}
		})
	}
	wg.Wait()
}

// shared is a store in memory.
type shared struct {
	mu   sync.Mutex
	all  map[string]map[string][]byte
	of   map[string][]string // conversations by person
	down bool
	hold chan struct{} // not nil: calls wait until it is closed
}

func (s *shared) ForgetTokens(_ context.Context, person string) (n int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return 0, errors.New("down")
	}
	for _, c := range s.of[person] {
		n += int64(len(s.all[c]))
		delete(s.all, c)
	}
	delete(s.of, person)
	return n, nil
}

func (s *shared) PutTokens(_ context.Context, person, c string, sealed map[string][]byte, _ time.Duration, _ int) error {
	if s.hold != nil {
		<-s.hold
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return errors.New("down")
	}
	if s.all == nil {
		s.all, s.of = make(map[string]map[string][]byte), make(map[string][]string)
	}
	s.of[person] = append(s.of[person], c)
	if s.all[c] == nil {
		s.all[c] = make(map[string][]byte)
	}
	for f, b := range sealed {
		s.all[c][f] = bytes.Clone(b)
	}
	return nil
}

func (s *shared) Tokens(_ context.Context, _, c string, _ time.Duration) (map[string][]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return nil, errors.New("down")
	}
	out := make(map[string][]byte)
	for f, b := range s.all[c] {
		out[f] = bytes.Clone(b)
	}
	return out, nil
}

func (s *shared) len() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.all {
		n += len(c)
	}
	return n
}

// run runs v until the test ends, or stop is called.
func run(t testing.TB, v *vault.Vault) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); v.Run(ctx) }()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return stop
}

func await(t testing.TB, what string, cond func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(time.Minute); !cond(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("%s: not within a minute", what)
		}
	}
}

// TestShared restores at one gateway what another one has hidden, and stores
// nothing that can be read.
func TestShared(t *testing.T) {
	st := &shared{}
	use := func(c *vault.Config) { c.Shared = st }
	a, b := open(t, use), open(t, use)
	a.Use(true)
	b.Use(true)
	run(t, a)
	run(t, b)
	token, name := hide(t, a, ann, email, "a@corp.example")
	await(t, "the value is shared", func() bool { return st.len() == 1 })
	await(t, "another gateway knows it", func() bool {
		tokens := b.Open(ann, false)
		return tokens != nil && slices.Contains(tokens.Names(), name)
	})
	if got := value(b, ann, name); got != "a@corp.example" {
		t.Errorf("the other gateway restores %q", got)
	}
	if got, _ := hide(t, b, ann, email, "a@corp.example"); got != token {
		t.Errorf("the other gateway hides it as %q, the first as %q", got, token)
	}
	if tokens := b.Open(bob, false); tokens != nil && len(tokens.Names()) > 0 {
		t.Errorf("bob has %q", tokens.Names())
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	for c, fields := range st.all {
		for f, sealed := range maps.All(fields) {
			for _, secret := range []string{"corp", "EMAIL", name[6:], "ann", "c1"} {
				if strings.Contains(c+f+string(sealed), secret) {
					t.Errorf("the store holds %q", secret)
				}
			}
		}
	}
}

// TestSharedDown goes on when the store is away, and shares again when it is
// back.
func TestSharedDown(t *testing.T) {
	st := &shared{down: true}
	c := newClock()
	v := open(t, func(cfg *vault.Config) { cfg.Shared, cfg.Now = st, c.Now })
	v.Use(true)
	run(t, v)
	_, name := hide(t, v, ann, email, "a@corp.example")
	if got := value(v, ann, name); got != "a@corp.example" {
		t.Errorf("restored %q", got)
	}
	await(t, "the failure is counted", func() bool { s := v.Stats(); return s.SharedErrors > 0 && s.SharedDropped == 1 })
	st.mu.Lock()
	st.down = false
	st.mu.Unlock()
	c.pass(time.Minute)
	hide(t, v, ann, email, "b@corp.example")
	await(t, "it shares again", func() bool { return st.len() == 1 })
}

// TestSharedLate shares what waits when a gateway ends.
func TestSharedLate(t *testing.T) {
	st := &shared{}
	v := open(t, func(c *vault.Config) { c.Shared = st })
	for i := range 100 {
		hide(t, v, ann, email, fmt.Sprint(i, "@corp.example"))
	}
	run(t, v)()
	if n := st.len(); n != 100 {
		t.Errorf("%d of 100 values are shared", n)
	}
}

// TestTwice gives two values one name at two gateways: it is restored by
// neither, as nobody can tell which is meant.
func TestTwice(t *testing.T) {
	st := &shared{}
	a := open(t, func(c *vault.Config) { c.Shared = st })
	_, name := hide(t, a, ann, email, "a@corp.example")
	b := open(t, nil)
	vault.PutAs(b, ann, name, "other@corp.example")
	a.Use(true)
	for c, sealed := range vault.Sealed(b) {
		st.PutTokens(t.Context(), "", c, sealed, 0, 0)
	}
	run(t, a)
	await(t, "the clash is noticed", func() bool {
		a.Open(ann, false).Names()
		return a.Stats().Ambiguous == 1
	})
	if got := value(a, ann, name); got != "" {
		t.Errorf("restored %q", got)
	}
}

func BenchmarkHideKnown(b *testing.B) {
	v := open(b, nil)
	text := []byte("anna.example@corp.example")
	b.ReportAllocs()
	for b.Loop() {
		v.Open(ann, true).Hide(email, text)
	}
}

func BenchmarkOpenNone(b *testing.B) {
	v := open(b, nil)
	v.Open(traffic.Speaker{Who: "other"}, true).Hide(email, []byte("x"))
	b.ReportAllocs()
	for b.Loop() {
		if v.Open(ann, false) != nil {
			b.Fatal("tokens")
		}
	}
}
