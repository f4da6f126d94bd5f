package main

import (
	"strings"
	"sync"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// lateScanner is the scanner of what is saved of logs and captures. Lookups, TLS
// and flows have no text that could hold a secret, and to read the detectors takes
// longer than a small log: that is done for the first text that there is.
type lateScanner struct {
	load func() (*knowledge, error)

	mu  sync.Mutex // guards err
	err error
}

func newLateScanner(overlays []string) *lateScanner {
	return &lateScanner{load: sync.OnceValues(func() (*knowledge, error) { return loadKnowledge(overlays, passingKey()) })}
}

// Scan finds something in any text where there is no scanner: what can't be
// looked through is not kept.
func (l *lateScanner) Scan(p *traffic.Prompt) []traffic.Finding {
	if !hasText(p) {
		return nil
	}
	k, err := l.load()
	if err != nil {
		l.mu.Lock()
		l.err = err
		l.mu.Unlock()
		return make([]traffic.Finding, 1)
	}
	return k.scanner.Scan(p)
}

func hasText(p *traffic.Prompt) bool {
	for i := range p.Parts {
		if strings.TrimSpace(string(p.Parts[i].Text)) != "" {
			return true
		}
	}
	return false
}

// failed returns why there is no scanner though there was text. A nil
// *lateScanner never fails.
func (l *lateScanner) failed() error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}
