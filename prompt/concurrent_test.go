package prompt_test

import (
	"bytes"
	"sync"
	"testing"

	"github.com/gnomon-proxy/gnomon/prompt"
)

// TestConcurrent reads and rewrites with one codec at once: each gets what it
// gets alone. The detector of races watches this test, and not the rest of the
// package, which has no other goroutines.
func TestConcurrent(t *testing.T) {
	codec := prompt.New()
	bodies := []string{benchmarks[0].body, chat(200<<10, 3000), `{"messages":[{"role":"user","content":"line \"one\"\n\u00e9"}]}`, benchmarks[3].body[:1000]}
	want := make([][]byte, len(bodies))
	work := func(i int) []byte {
		x := post("/v1/chat/completions", "application/json", bodies[i])
		p, err := codec.Read(x)
		if err != nil || p == nil {
			return nil
		}
		x.Prompt = p
		out, err := codec.Rewrite(x, redact(p, "o", "[0]"))
		if err != nil {
			t.Error(err)
		}
		return out
	}
	for i := range bodies {
		want[i] = work(i)
	}
	if !bytes.Contains(want[0], []byte("[0]")) {
		t.Fatalf("nothing was replaced: %.100s", want[0])
	}
	var all sync.WaitGroup
	for g := range 6 {
		all.Go(func() {
			for n := range 20 {
				if i := (g + n) % len(bodies); !bytes.Equal(work(i), want[i]) {
					t.Errorf("goroutine %d: body %d is another", g, i)
				}
			}
		})
	}
	all.Wait()
}
