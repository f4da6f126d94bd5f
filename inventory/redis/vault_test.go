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
	if got, err := a.Tokens(t.Context(), "p1", "c1", time.Hour); len(got) != 0 || err != nil {
		t.Errorf("a conversation that nobody has: %q, %v", got, err)
	}
	if err := a.PutTokens(t.Context(), "p1", "c1", map[string][]byte{"f1": []byte("v1"), "f2": {0, 0xff}}, time.Hour, 10); err != nil {
		t.Fatal(err)
	}
	if err := b.PutTokens(t.Context(), "p1", "c1", map[string][]byte{"f3": []byte("v3")}, time.Minute, 10); err != nil {
		t.Fatal(err)
	}
	if got, err := b.Tokens(t.Context(), "p1", "c1", time.Hour); len(got) != 3 || string(got["f2"]) != "\x00\xff" || string(got["f3"]) != "v3" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := b.Tokens(t.Context(), "p1", "c2", time.Hour); len(got) != 0 || err != nil {
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
	if err := a.PutTokens(t.Context(), "p1", "c1", many, time.Hour, 10); err != nil {
		t.Fatal(err)
	}
	if got, err := a.Tokens(t.Context(), "p1", "c1", time.Hour); len(got) != 10 || err != nil {
		t.Errorf("%d values, %v; want the 10 that there may be", len(got), err)
	}
}

// TestForgetTokens deletes the conversations of one person, whoever wrote them.
func TestForgetTokens(t *testing.T) {
	server := testredis.Start(t)
	a, b := open(t, "redis://"+server.Addr), open(t, "redis://"+server.Addr)
	put := func(person, conversation string, keep time.Duration) {
		t.Helper()
		err := a.PutTokens(t.Context(), person, conversation, map[string][]byte{"f1": []byte("v1"), "f2": []byte("v2")}, keep, 10)
		if err != nil {
			t.Fatal(err)
		}
	}
	put("ann", "c1", time.Hour)
	put("ann", "c2", time.Minute)
	put("bob", "c3", time.Hour)
	put("", "c4", time.Hour)
	if _, err := b.Tokens(t.Context(), "ann", "c2", 2*time.Hour); err != nil {
		t.Fatal(err)
	}
	ttl, err := strconv.Atoi(strings.TrimPrefix(server.Do("TTL", "{gnomon}:vault-of:ann"), ":"))
	if err != nil || ttl < 7100 || ttl > 7200 {
		t.Errorf("what is known of a person ends in %d seconds, %v; want as long as a conversation", ttl, err)
	}
	for _, want := range []int64{4, 0} {
		if n, err := b.ForgetTokens(t.Context(), "ann"); n != want || err != nil {
			t.Errorf("deleted %d values, %v; want %d", n, err, want)
		}
	}
	for key, want := range map[string]bool{"vault:c1": false, "vault:c2": false, "vault:c3": true, "vault:c4": true, "vault-of:ann": false, "vault-of:bob": true} {
		if there := server.Do("EXISTS", "{gnomon}:"+key) == ":1"; there != want {
			t.Errorf("%s is there: %v, want %v", key, !want, want)
		}
	}
}
