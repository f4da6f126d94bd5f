package console

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/console/access"
)

// linkUser is who comes through the link that the gateway prints.
var linkUser = access.Identity{Name: "console", Role: access.Admin}

type whoKey struct{}

// whoOf returns who asks, as authenticate found out.
func whoOf(r *http.Request) access.Identity {
	who, _ := r.Context().Value(whoKey{}).(access.Identity)
	return who
}

func withWho(r *http.Request, who access.Identity) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), whoKey{}, who))
}

// authenticate lets through who has a token or a session, within the limits.
func (s *Server) authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, ok, err := s.identify(r)
		switch {
		case err != nil:
			s.fail(w, err)
			return
		case !ok:
			if r.Header.Get("Authorization") != "" {
				s.failures.take(time.Now(), addressOf(r.RemoteAddr))
			}
			w.Header().Set("WWW-Authenticate", `Bearer realm="gnomon"`)
			writeError(w, http.StatusUnauthorized, "log in with the link that the gateway printed when it started, or send a token (gnomon access token create)")
			return
		}
		left, wait := s.asked.spend(time.Now(), who.Name)
		s.asked.tell(w.Header(), left)
		if wait > 0 {
			tooMany(w, wait)
			return
		}
		next.ServeHTTP(w, withWho(r, who))
	})
}

// identify returns who sends r. A token goes before a cookie: who sends one
// means to be its holder.
func (s *Server) identify(r *http.Request) (access.Identity, bool, error) {
	if token, ok := bearerOf(r); ok {
		return s.holder(r.Context(), token, time.Now())
	}
	who, ok := s.session(r)
	return who, ok, nil
}

// holder returns whose token it is. It may have been made or revoked a moment
// ago by another process, a command or another gateway: the end of the ledger is
// looked at first. While the store is away what is known holds, as it does for all
// else: then a token that is unknown is an error, and no wrong one.
func (s *Server) holder(ctx context.Context, token string, now time.Time) (access.Identity, bool, error) {
	if token == "" {
		return access.Identity{}, false, nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	away := s.cfg.Inventory.Refresh(ctx)
	who, ok, err := s.tokens.Find(s.cfg.Inventory.Book(), token, now)
	if !ok && err == nil {
		err = away
	}
	return who, ok, err
}

// lookWithin bounds how long a request waits for the store to say whether its
// token holds.
const lookWithin = 2 * time.Second

// limited keeps one address from asking too often, or from guessing.
func (s *Server) limited(next http.Handler) http.Handler {
	return s.limit(next, func(*http.Request) bool { return false })
}

// limitedStrangers is limited, but for those who are known: others behind their
// address, as that of a proxy with TLS, can't keep them out. They have a limit of
// their own.
func (s *Server) limitedStrangers(next http.Handler) http.Handler { return s.limit(next, s.known) }

func (s *Server) limit(next http.Handler, except func(*http.Request) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		now, from := time.Now(), addressOf(r.RemoteAddr)
		if wait := max(s.addresses.take(now, from), s.failures.empty(now, from)); wait > 0 && !except(r) {
			tooMany(w, wait)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// known reports whether r seems to come from somebody with a session or a token,
// by what is in memory: a flood of guesses costs the store nothing.
func (s *Server) known(r *http.Request) bool {
	if token, ok := bearerOf(r); ok {
		_, found, err := s.tokens.Find(s.cfg.Inventory.Book(), token, time.Now())
		return found && err == nil
	}
	return s.loggedIn(r)
}

// bearerOf returns the token that r comes with. A scheme that is another one has
// the token "".
func bearerOf(r *http.Request) (token string, ok bool) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return "", false
	}
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", true
	}
	return strings.TrimSpace(token), true
}

func tooMany(w http.ResponseWriter, wait time.Duration) {
	seconds := int(math.Ceil(wait.Seconds()))
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
	writeError(w, http.StatusTooManyRequests, fmt.Sprintf("too many requests: try again in %d s", seconds))
}

// local lets through whoever could open the socket: they may do all, under the
// name of their user.
func (s *Server) local(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who := access.Identity{Name: cmp.Or(r.RemoteAddr, linkUser.Name), Role: access.Admin}
		r = r.WithContext(context.WithValue(r.Context(), namelessKey{}, r.RemoteAddr == ""))
		next.ServeHTTP(w, withWho(r, who))
	})
}

// namelessKey is the key of whether a request came through the Unix socket from
// nobody knows whom.
type namelessKey struct{}
