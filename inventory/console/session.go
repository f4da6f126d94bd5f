package console

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"sync"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/console/access"
)

const (
	linkLife    = 15 * time.Minute
	sessionLife = 12 * time.Hour

	// maxTokens bounds the links and maxSessions the sessions: the oldest goes
	// first.
	maxTokens   = 64
	maxSessions = 1024
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
type tokens map[[32]byte]session

type session struct {
	until time.Time
	who   access.Identity
}

// newLink returns a token that logs in once within linkLife.
func (s *sessions) newLink(now time.Time) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.links.add(session{now.Add(linkLife), linkUser}, maxTokens)
}

// login trades a link's token for a cookie.
func (s *sessions) login(now time.Time, token string) (cookie string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	who, ok := s.links.good(now, token)
	if !ok {
		return "", false
	}
	delete(s.links, sha256.Sum256([]byte(token)))
	return s.cookies.add(session{now.Add(sessionLife), who}, maxSessions), true
}

// enter returns a cookie for somebody whom another has identified.
func (s *sessions) enter(now time.Time, who access.Identity) (cookie string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cookies.add(session{now.Add(sessionLife), who}, maxSessions)
}

// who returns whose cookie it is.
func (s *sessions) who(now time.Time, cookie string) (access.Identity, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cookies.good(now, cookie)
}

func (s *sessions) logout(cookie string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.cookies, sha256.Sum256([]byte(cookie)))
}

func (t *tokens) add(new session, limit int) string {
	if *t == nil {
		*t = make(tokens)
	}
	for len(*t) >= limit {
		t.dropOldest()
	}
	token := randomText()
	(*t)[sha256.Sum256([]byte(token))] = new
	return token
}

// randomText returns what nobody can guess.
func randomText() string {
	raw := make([]byte, 32)
	rand.Read(raw) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(raw)
}

func (t tokens) good(now time.Time, token string) (access.Identity, bool) {
	s, ok := t[sha256.Sum256([]byte(token))]
	return s.who, ok && now.Before(s.until)
}

func (t tokens) dropOldest() {
	var oldest [32]byte
	var first time.Time
	for h, s := range t {
		if first.IsZero() || s.until.Before(first) {
			oldest, first = h, s.until
		}
	}
	delete(t, oldest)
}
