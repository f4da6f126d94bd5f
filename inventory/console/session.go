package console

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"sync"
	"time"
)

const (
	linkLife    = 15 * time.Minute
	sessionLife = 12 * time.Hour

	// maxTokens bounds the links and the sessions: the oldest goes first.
	maxTokens = 64
)

// sessions knows which links and cookies are good. It keeps their hashes only:
// comparing those tells an attacker nothing by its timing. The zero value is
// ready for use.
type sessions struct {
	mu      sync.Mutex
	links   tokens
	cookies tokens
}

// tokens maps the hash of a token to its end.
type tokens map[[32]byte]time.Time

// newLink returns a token that logs in once within linkLife.
func (s *sessions) newLink(now time.Time) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.links.add(now, linkLife)
}

// login trades a link's token for a cookie.
func (s *sessions) login(now time.Time, token string) (cookie string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.links.good(now, token) {
		return "", false
	}
	delete(s.links, sha256.Sum256([]byte(token)))
	return s.cookies.add(now, sessionLife), true
}

func (s *sessions) valid(now time.Time, cookie string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cookies.good(now, cookie)
}

func (s *sessions) logout(cookie string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.cookies, sha256.Sum256([]byte(cookie)))
}

func (t *tokens) add(now time.Time, life time.Duration) string {
	if *t == nil {
		*t = make(tokens)
	}
	for len(*t) >= maxTokens {
		t.dropOldest()
	}
	raw := make([]byte, 32)
	rand.Read(raw) // never fails (crypto/rand)
	token := base64.RawURLEncoding.EncodeToString(raw)
	(*t)[sha256.Sum256([]byte(token))] = now.Add(life)
	return token
}

func (t tokens) good(now time.Time, token string) bool {
	until, ok := t[sha256.Sum256([]byte(token))]
	return ok && now.Before(until)
}

func (t tokens) dropOldest() {
	var oldest [32]byte
	var first time.Time
	for h, until := range t {
		if first.IsZero() || until.Before(first) {
			oldest, first = h, until
		}
	}
	delete(t, oldest)
}
