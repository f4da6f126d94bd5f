// Command gen writes a capture of a made-up office: DNS over UDP and TCP, TLS,
// QUIC and other traffic of many clients at once, some of it tagged (VLAN), some
// over IPv6. The same arguments give the same bytes. What names it holds is
// printed as one line of JSON.
package main

import (
	"bufio"
	"container/heap"
	"encoding/json"
	"flag"
	"log"
	"os"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"

	"github.com/gnomon-proxy/gnomon/bench/sniff/world"
)

// truth is how many names the capture holds.
type truth struct {
	Packets int `json:"packets"`
	Query   int `json:"query"`
	Reply   int `json:"reply"`
	TLS     int `json:"tls"`
	QUIC    int `json:"quic"`
}

type generator struct {
	*world.World
	truth  truth
	random []byte // where noise is cut from
}

func main() {
	packets := flag.Int("packets", 1900000, "about how many packets")
	clients := flag.Int("clients", 2000, "how many clients")
	seed := flag.Uint64("seed", 1, "what all chance comes from")
	out := flag.String("o", "mixed.pcap", "where to write it")
	flag.Parse()
	g := &generator{World: world.New(*seed, *clients), random: make([]byte, 1<<16)}
	for i := range g.random {
		g.random[i] = byte(g.Rand.Uint32())
	}
	f, err := os.Create(*out)
	must(err)
	g.write(f, *packets)
	must(f.Close())
	must(json.NewEncoder(os.Stdout).Encode(g.truth))
}

// kinds are the conversations and their shares of the packets.
func (g *generator) kinds() []*kind {
	return []*kind{{share: 0.60, make: g.dnsUDP}, {share: 0.04, make: g.dnsTCP}, {share: 0.24, make: g.tls}, {share: 0.04, make: g.quic}, {share: 0.08, make: g.other}}
}

type kind struct {
	share   float64
	make    func(start time.Duration) *talk
	packets int
}

// apart is how far packets are from each other on average: 3,200 a second.
const apart = 312 * time.Microsecond

// write writes conversations, which overlap as they do in an office. The next one
// is of the kind that has too few packets so far.
func (g *generator) write(f *os.File, packets int) {
	w := bufio.NewWriterSize(f, 1<<20)
	pcap := pcapgo.NewWriter(w)
	must(pcap.WriteFileHeader(65535, layers.LinkTypeEthernet))
	var q queue
	flush := func(until time.Duration) {
		for len(q) > 0 && q[0].at < until {
			fr := heap.Pop(&q).(queued)
			info := gopacket.CaptureInfo{Timestamp: world.Start.Add(fr.at), Length: len(fr.data), CaptureLength: len(fr.data)}
			must(pcap.WritePacket(info, fr.data))
		}
	}
	kinds := g.kinds()
	for g.truth.Packets < packets {
		start := time.Duration(g.truth.Packets) * apart
		flush(start)
		k := poorest(kinds)
		for _, fr := range k.make(start).frames {
			heap.Push(&q, queued{fr, g.truth.Packets})
			k.packets++
			g.truth.Packets++
		}
	}
	flush(1 << 62)
	must(w.Flush())
}

func poorest(kinds []*kind) *kind {
	least := kinds[0]
	for _, k := range kinds {
		if float64(k.packets)/k.share < float64(least.packets)/least.share {
			least = k
		}
	}
	return least
}

// noise returns n bytes that look encrypted, valid until they are written to.
func (g *generator) noise(n int) []byte {
	at := g.Rand.IntN(len(g.random) - n)
	return g.random[at : at+n : at+n]
}

func (g *generator) between(a, b time.Duration) time.Duration {
	return a + time.Duration(g.Rand.Int64N(int64(b-a)))
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// queued is a frame that waits for its time; of two at the same time the one made
// first goes first.
type queued struct {
	frame
	n int
}

type queue []queued

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	return q[i].at < q[j].at || q[i].at == q[j].at && q[i].n < q[j].n
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(queued)) }
func (q *queue) Pop() any {
	old := *q
	last := old[len(old)-1]
	*q = old[:len(old)-1]
	return last
}
