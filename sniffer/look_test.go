package sniffer_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/sniffer"
	"github.com/gnomon-proxy/gnomon/sniffer/capture"
	"github.com/gnomon-proxy/gnomon/sniffer/learned"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// lookedAt is all that a capture gives, with what look tells alone or without.
func lookedAt(t *testing.T, file []byte, alone bool) (all []string) {
	t.Helper()
	src, err := capture.New(bytes.NewReader(file))
	if err != nil {
		return []string{err.Error()}
	}
	defer src.Close()
	blind := rules.NewBlindIndex([]rules.BlindSpot{{Kinds: []rules.BlindKind{rules.BlindDoH}, Name: "A resolver", Hosts: []string{"host3.example3.com"}, Domains: []string{"example4.com"}}})
	s := sniffer.New(sniffer.Config{Classify: someNames, Blind: blind, Names: learned.New(1 << 12)}, sniffer.Sink{
		Observation: func(o *sniffer.Observation) {
			plain := *o
			plain.Verdict = nil // its address is different each time
			all = append(all, fmt.Sprint(plain, o.Verdict.ID))
		},
		Flow:  func(f *traffic.Flow) { all = append(all, fmt.Sprint(*f)) },
		Blind: func(b *traffic.BlindSpot) { all = append(all, fmt.Sprint(*b)) },
	})
	if !alone {
		s.LeaveAll()
	}
	err = s.Run(t.Context(), src)
	st := s.Stats()
	return append(all, fmt.Sprintf("%+v %v %v", st, st.Malformed(), err))
}

// someNames makes every eighth name a service.
func someNames(host string) (v traffic.Verdict) {
	sum := 0
	for _, c := range []byte(host) {
		sum += int(c)
	}
	if sum%8 == 0 {
		v = traffic.Verdict{Service: host, ID: host, How: traffic.HowCatalogue, Confidence: 1}
	}
	return v
}

// TestLookAlone holds what look tells of a packet against what follow tells, which
// reads every message.
func TestLookAlone(t *testing.T) {
	files := map[string][]byte{"mixed": mixed(t, 20_000).Bytes()}
	for _, name := range captures(t) {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(name)] = b
	}
	r := rand.New(rand.NewPCG(1, 2))
	for name, b := range files {
		for damage := range 3 {
			if damage > 0 {
				b = bytes.Clone(b)
				for range len(b)/400 + 1 {
					b[r.IntN(len(b))] ^= 1 << r.IntN(8)
				}
			}
			got, want := lookedAt(t, b, true), lookedAt(t, b, false)
			if slices.Equal(got, want) {
				continue
			}
			i := 0
			for i < min(len(got), len(want)) && got[i] == want[i] {
				i++
			}
			t.Errorf("%s, damaged %d times: %d told, %d followed; from %d on:\n%q\nwant\n%q", name, damage, len(got), len(want), i,
				got[i:min(i+1, len(got))], want[i:min(i+1, len(want))])
		}
	}
}
