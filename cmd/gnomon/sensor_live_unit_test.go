package main

import (
	"testing"

	"github.com/gnomon-proxy/gnomon/sniffer/capture"
)

// TestLiveFiguresStay: figures of an interface that were handed out do not change
// when the interface goes away again.
func TestLiveFiguresStay(t *testing.T) {
	s := new(liveSensor)
	s.now.Store(&liveStats{up: true, kernel: capture.LiveStats{Packets: 1}})
	s.ended()
	first := s.now.Load()
	if first.up || first.kernel.Packets != 1 {
		t.Errorf("after the end of a source: %+v", first)
	}
	s.now.Store(&liveStats{up: true, kernel: capture.LiveStats{Packets: 2}})
	s.ended()
	if first.kernel.Packets != 1 {
		t.Errorf("figures that were handed out became %+v", first.kernel)
	}
	if now := s.now.Load(); now.up || now.kernel.Packets != 2 {
		t.Errorf("after the end of the next source: %+v", now)
	}
}
