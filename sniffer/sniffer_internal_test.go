package sniffer

import (
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/capture"
	"github.com/gnomon-proxy/gnomon/sniffer/learned"
	"github.com/gnomon-proxy/gnomon/traffic"
)

const linkEthernet = 1

// packet is a query for api.openai.com in a VLAN, as a mirror port shows it.
var question = []byte("\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02\x81\x00\x00\x14\x08\x00" +
	"\x45\x00\x00\x3c\x00\x01\x00\x00\x40\x11\x00\x00\xc0\x00\x02\x07\xc0\x00\x02\x35" +
	"\x9c\x40\x00\x35\x00\x28\x00\x00" + "\x00\x07\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03API\x06openai\x03com\x00\x00\x01\x00\x01")

// segment is one of a TCP connection, with 4 bytes of data.
var segment = []byte("\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02\x08\x00" +
	"\x45\x00\x00\x2c\x00\x01\x00\x00\x40\x06\x00\x00\xc0\x00\x02\x07\xc0\x00\x02\x35" +
	"\x9c\x40\x01\xbb\x00\x00\x00\x01\x00\x00\x00\x01\x50\x10\xff\xff\x00\x00\x00\x00data")

func TestFrameAllocs(t *testing.T) {
	n := 0
	s := New(Config{Names: learned.New(64)}, Sink{Observation: func(o *Observation) { n++ }})
	now := time.Unix(1e9, 0)
	for _, data := range [][]byte{question, segment} {
		f := capture.Frame{Link: linkEthernet, Data: data, Length: len(data), Time: now}
		s.Frame(&f)
		if a := testing.AllocsPerRun(1000, func() {
			f.Time = f.Time.Add(time.Millisecond)
			s.Frame(&f)
		}); a != 0 {
			t.Errorf("a packet allocates %v times, want 0", a)
		}
	}
	if n < 1000 || s.obs.Name != "api.openai.com" {
		t.Fatalf("%d observations, the last %+v; %v", n, s.obs, s.stats)
	}
}

func TestFaultSurvived(t *testing.T) {
	s := New(Config{Names: learned.New(64)}, Sink{})
	s.table = nil // the first segment panics
	s.Frame(&capture.Frame{Link: linkEthernet, Data: segment, Length: len(segment)})
	if st := s.stats; st.Malformed()["fault"] != 1 {
		t.Errorf("malformed = %v, want a fault", st.Malformed())
	}
}

// TestFaultOfTheSink sees that a fault of the caller is not taken for ours.
func TestFaultOfTheSink(t *testing.T) {
	s := New(Config{Names: learned.New(64)}, Sink{Observation: func(*Observation) { panic("the caller's") }})
	defer func() {
		if recover() == nil || s.stats.Faults != 0 {
			t.Errorf("a panic of the sink was swallowed; %d faults", s.stats.Faults)
		}
	}()
	s.Frame(&capture.Frame{Link: linkEthernet, Data: question, Length: len(question)})
}

func TestMalformedNames(t *testing.T) {
	var st Stats
	for i := range st.frames {
		st.frames[i] = 1
	}
	for i := range st.messages {
		st.messages[i] = 1
	}
	for i := range st.hellos {
		st.hellos[i] = 1
	}
	m := st.Malformed()
	for _, name := range []string{"snaplen", "dns_ech", "hello_extension"} {
		if m[name] == 0 {
			t.Errorf("no reason %q in %v: an array is too short", name, m)
		}
	}
}

// TestFaultInLook sees that a fault costs the packet that it comes from.
func TestFaultInLook(t *testing.T) {
	classify := func(host string) (v traffic.Verdict) {
		if host == "api.openai.com" {
			panic("ours")
		}
		return v
	}
	other := []byte(strings.Replace(string(question), "openai", "opensi", 1))
	w := make([]capture.Frame, 0, 3)
	for _, data := range [][]byte{other, question, other} {
		w = append(w, capture.Frame{Link: linkEthernet, Data: data, Length: len(data), Time: time.Unix(1e9, 0)})
	}
	n := 0
	s := New(Config{Classify: classify}, Sink{Observation: func(o *Observation) { n++ }})
	s.frames(w)
	if st := s.Stats(); st.Malformed()["fault"] != 1 || n != 2 || st.Queries != 2 || st.Packets != 3 {
		t.Errorf("%d observations, stats %+v; want a fault between two queries", n, st)
	}
}
