package redis_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/testredis"
)

func TestTokens(t *testing.T) {
	server := testredis.Start(t)
	a, b := open(t, "redis://"+server.Addr), open(t, "redis://"+server.Addr)
	if got, err := a.Tokens(t.Context(), "c1", time.Hour); len(got) != 0 || err != nil {
		t.Errorf("a conversation that nobody has: %q, %v", got, err)
	}
	if err := a.PutTokens(t.Context(), "c1", map[string][]byte{"f1": []byte("v1"), "f2": {0, 0xff}}, time.Hour, 10); err != nil {
		t.Fatal(err)
	}
	if err := b.PutTokens(t.Context(), "c1", map[string][]byte{"f3": []byte("v3")}, time.Minute, 10); err != nil {
		t.Fatal(err)
	}
	if got, err := b.Tokens(t.Context(), "c1", time.Hour); len(got) != 3 || string(got["f2"]) != "\x00\xff" || string(got["f3"]) != "v3" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := b.Tokens(t.Context(), "c2", time.Hour); len(got) != 0 || err != nil {
		t.Errorf("another conversation: %q, %v", got, err)
	}
	ttl, err := strconv.Atoi(strings.TrimPrefix(server.Do("TTL", "{gnomon}:vault:c1"), ":"))
	if err != nil || ttl < 3500 || ttl > 3600 {
		t.Errorf("it ends in %d seconds, %v; want an hour after its last use", ttl, err)
	}
	many := make(map[string][]byte)
	for i := range 50 {
		many[fmt.Sprint(i)] = []byte("v")
	}
	if err := a.PutTokens(t.Context(), "c1", many, time.Hour, 10); err != nil {
		t.Fatal(err)
	}
	if got, err := a.Tokens(t.Context(), "c1", time.Hour); len(got) != 10 || err != nil {
		t.Errorf("%d values, %v; want the 10 that there may be", len(got), err)
	}
}
