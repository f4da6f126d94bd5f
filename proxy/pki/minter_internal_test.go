package pki

import (
	"container/list"
	"fmt"
	"testing"
	"time"
)

func TestLeafRenewed(t *testing.T) {
	ca, err := LoadOrCreate(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	m, _ := NewMinter(ca)
	now := time.Now()
	m.now = func() time.Time { return now }
	first, _ := m.Certificate("ai.test")
	now = now.Add(leafLife - renewal - time.Minute)
	if again, _ := m.Certificate("ai.test"); again != first {
		t.Error("renewed too early")
	}
	now = now.Add(2 * time.Minute)
	if again, _ := m.Certificate("ai.test"); again == first {
		t.Error("not renewed before it expires")
	}
}

func TestLeavesBounded(t *testing.T) {
	m := &Minter{now: time.Now}
	m.leaves = make(map[string]*list.Element)
	for i := range maxLeaves + 100 {
		m.leaf(fmt.Sprintf("h%d.test", i))
	}
	if len(m.leaves) != maxLeaves || m.recent.Len() != maxLeaves {
		t.Errorf("%d leaves in the map and %d in the list, want %d", len(m.leaves), m.recent.Len(), maxLeaves)
	}
	if _, ok := m.leaves["h0.test"]; ok {
		t.Error("the oldest leaf was kept")
	}
}
