package logs_test

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/sniffer/logs"
)

const harHead = `{
  "log": {
    "version": "1.2",
    "creator": {"name": "Browser", "version": "145"},
    "pages": [{"id": "entries", "title": "\"entries\": [", "pageTimings": {"entries": []}}],
    "entries": [`

const harEntry = `
      {
        "startedDateTime": "2026-03-02T10:15:04.250+01:00",
        "request": {"method": "POST", "url": "https://chatgpt.com/backend-api/conversation?q=\"x\"", "httpVersion": "h2",
          "headers": [{"name": ":method", "value": "POST"}, {"name": "User-Agent", "value": "Mozilla/5.0 (X11)"}],
          "postData": {"text": "BODY"}, "headersSize": 600, "bodySize": 1243},
        "response": {"status": 200, "headersSize": 480, "bodySize": 20000, "_transferSize": 20480,
          "content": {"size": 91000, "mimeType": "text/html", "text": "BODY"}},
        "serverIPAddress": "203.0.113.20"
      }`

const harTail = `
    ]
  }
}
`

func TestHAR(t *testing.T) {
	blocked := `, {"startedDateTime":"2026-03-02T09:15:05Z","request":{"method":"GET","url":"https://claude.ai/","headers":[],"headersSize":-1,"bodySize":-1},` +
		`"response":{"status":0,"headersSize":-1,"bodySize":-1,"_error":"net::ERR_BLOCKED_BY_CLIENT","content":{"size":0}},"serverIPAddress":"[2001:db8::20]"}`
	content := `,{"startedDateTime":"2026-03-02T09:15:06Z","request":{"method":"GET","url":"https://example.org/"},"response":{"status":200,"headersSize":-1,"bodySize":-1,"content":{"size":7}}}`
	text := harHead + strings.ReplaceAll(harEntry, "BODY", `a } ] \" `+strings.Repeat(`\\"`[:2], 9)) + blocked + content +
		`,{"startedDateTime":"yesterday","request":{"method":"GET","url":"https://example.org/"}}` + harTail
	r, err := logs.New(strings.NewReader(text), "x.har", logs.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := readAll(t, r)
	want := []string{
		`http t=2026-03-02T09:15:04.25Z h=chatgpt.com s=203.0.113.20:0 url=https://chatgpt.com/backend-api/conversation?q="x" m=POST st=200 up=1843 down=20480 ua=Mozilla/5.0 (X11)`,
		"http t=2026-03-02T09:15:05Z h=claude.ai s=[2001:db8::20]:0 url=https://claude.ai/ m=GET blocked",
		"http t=2026-03-02T09:15:06Z h=example.org url=https://example.org/ m=GET st=200 down=7",
	}
	if len(got) != len(want) {
		t.Fatalf("%d records, want %d", len(got), len(want))
	}
	for i := range want {
		if s := say(got[i]); s != want[i] {
			t.Errorf("record %d:\n got %s\nwant %s", i, s, want[i])
		}
	}
	if st := r.Stats(); st.Skipped[logs.ReasonTime] != 1 || r.Format() != "har" {
		t.Errorf("%s: skipped %v, want one for its time", r.Format(), st.Skipped)
	}
}

// TestHARMemory reads a file of 128 MB with bodies of 8 MB, in no more memory
// than a small one takes.
func TestHARMemory(t *testing.T) {
	body := bytes.Repeat([]byte(`film \" `), 1<<20)
	entry := bytes.ReplaceAll([]byte(harEntry), []byte("BODY"), body)
	parts := []io.Reader{strings.NewReader(harHead)}
	const n = 8
	for i := range n {
		if i > 0 {
			parts = append(parts, strings.NewReader(","))
		}
		parts = append(parts, bytes.NewReader(entry))
	}
	parts = append(parts, strings.NewReader(harTail))
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	r, err := logs.New(io.MultiReader(parts...), "x.har", logs.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := readAll(t, r)
	runtime.ReadMemStats(&after)
	if len(got) != n {
		t.Errorf("%d records, want %d", len(got), n)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 8<<20 {
		t.Errorf("allocated %d MiB in all for 128 MB of bodies, want less than 8", grown>>20)
	}
}

// TestHARCut reads what there is and says that the rest is missing.
func TestHARCut(t *testing.T) {
	text := harHead + harEntry + "," + harEntry[:200]
	r, err := logs.New(strings.NewReader(text), "x.har", logs.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var rec logs.Record
	if err := r.Next(&rec); err != nil {
		t.Fatal(err)
	}
	if err := r.Next(&rec); !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), "x.har:2") {
		t.Errorf("Next = %v, want an unexpected end in entry 2", err)
	}
	if r, err := logs.New(strings.NewReader(`{"log":{"version":"1.2","creator":{}}}`), "x.har", logs.Options{}); err != nil {
		t.Error(err)
	} else if err = r.Next(&rec); err == nil || err == io.EOF {
		t.Errorf("Next = %v for a file without entries, want an error", err)
	}
}

func FuzzHAR(f *testing.F) {
	f.Add([]byte(harHead + harEntry + harTail))
	f.Add([]byte(harHead + harEntry + "," + harEntry + harTail))
	f.Fuzz(func(t *testing.T, text []byte) {
		drain(t, text, logs.Options{Format: "har"})
	})
}
