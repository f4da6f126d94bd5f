package redis_test

import (
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/internal/testredis"
	"github.com/gnomon-proxy/gnomon/inventory/redis"
)

func news(t *testing.T, url string, key byte) *redis.News {
	t.Helper()
	n, err := open(t, url).News("addresses", [32]byte{key})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestNews: what one gateway tells, each other one hears, also one that comes
// later; nobody hears itself, and nothing is told to who has not the key. A cut
// connection costs no news.
func TestNews(t *testing.T) {
	t.Parallel()
	server := testredis.Start(t)
	proxy := testredis.NewProxy(t, server.Addr)
	a, b := news(t, "redis://"+server.Addr, 1), news(t, "redis://"+proxy.Addr, 1)
	hears := func(n *redis.News, want string) {
		t.Helper()
		var got []string
		await(t, "news "+want, func() bool {
			closed, err := n.Hear(t.Context(), func(text []byte) { got = append(got, string(text)) })
			if closed > 0 {
				t.Errorf("%d pieces of news could not be opened", closed)
			}
			return err == nil && len(got) > 0
		})
		if len(got) != 1 || got[0] != want {
			t.Errorf("heard %q, want %q", got, want)
		}
	}
	tell := func(n *redis.News, text string) {
		t.Helper()
		if err := n.Tell(t.Context(), []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	tell(a, "one of a secret")
	hears(b, "one of a secret")
	hears(news(t, "redis://"+server.Addr, 1), "one of a secret")
	proxy.Set(testredis.Fault{Down: true})
	tell(a, "two")
	if _, err := b.Hear(t.Context(), func([]byte) { t.Error("heard without a connection") }); err == nil {
		t.Error("no error without a connection")
	}
	proxy.Set(testredis.Fault{})
	hears(b, "two")
	if _, err := a.Hear(t.Context(), func(text []byte) { t.Errorf("it heard itself: %q", text) }); err != nil {
		t.Error(err)
	}
	closed, err := news(t, "redis://"+server.Addr, 2).Hear(t.Context(), func(text []byte) { t.Errorf("opened with another key: %q", text) })
	if closed != 2 || err != nil {
		t.Errorf("%d closed, %v; want 2", closed, err)
	}
	if strings.Contains(server.Do("DUMP", "{gnomon}:news:addresses"), "secret") {
		t.Error("Redis holds the news in clear")
	}
	if ttl := server.Do("PTTL", "{gnomon}:news:addresses"); strings.HasPrefix(ttl, ":-") {
		t.Errorf("news are kept for ever: PTTL %s", ttl)
	}
}
