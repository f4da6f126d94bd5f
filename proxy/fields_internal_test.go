package proxy

import (
	"fmt"
	"strings"
	"testing"
)

// A head with very many lines leaves nothing large behind, and one of the usual
// kind costs its text only.
func TestFieldsAreReused(t *testing.T) {
	head := []byte("GET / HTTP/1.1\r\nHost: a\r\nAccept: */*\r\nUser-Agent: x\r\n")
	read := func(f *fields, head []byte) {
		f.reset(head)
		f.line(head)
		for f.at < len(head) {
			line, start, ok := f.line(head)
			name, value, ok2 := splitField(line)
			if !ok || !ok2 {
				t.Fatalf("%q does not split", line)
			}
			f.keep(f.add(start, len(name), value))
		}
	}
	var f fields
	read(&f, head)
	if n := testing.AllocsPerRun(100, func() { read(&f, head) }); n > 1 {
		t.Errorf("a head allocates %v times, want 1", n)
	}
	var many strings.Builder
	many.WriteString("GET / HTTP/1.1\r\n")
	for i := range 2000 {
		fmt.Fprintf(&many, "X%d: y\r\n", i)
	}
	read(&f, []byte(many.String()))
	if len(f.header) != 2000 {
		t.Errorf("%d fields read, want 2000", len(f.header))
	}
	f.rest()
	if cap(f.list) > 0 || f.header != nil || f.text != "" {
		t.Errorf("a long head leaves %d fields and room for %d", len(f.header), cap(f.list))
	}
	read(&f, head)
	if len(f.header) != 3 || cap(f.list) > manyFields || f.header.Get("Host") != "a" {
		t.Errorf("after a long head: %v in room for %d", f.header, cap(f.list))
	}
}
