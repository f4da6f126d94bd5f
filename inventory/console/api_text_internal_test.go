package console

import (
	"net/http/httptest"
	"testing"
)

// TestTextOfStrangers: what turns text around or steers a terminal is escaped in
// answers, and means the same.
func TestTextOfStrangers(t *testing.T) {
	w := httptest.NewRecorder()
	writeJSON(w, 200, map[string]string{"model": "gpt\u202e4\u009b"})
	if got, want := w.Body.String(), `{"model":"gpt\u202e4\u009b"}`+"\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
