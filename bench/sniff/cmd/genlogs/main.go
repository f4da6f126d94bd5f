// Command genlogs writes logs of the same made-up office that cmd/gen captures:
// Squid's native format, Zeek's conn, dns and ssl as TSV, Suricata's EVE, and
// AdGuard Home's query log. The same arguments give the same bytes.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/gnomon-proxy/gnomon/bench/sniff/world"
)

func main() {
	lines := flag.Int("lines", 2000000, "how many lines")
	clients := flag.Int("clients", 2000, "how many clients")
	seed := flag.Uint64("seed", 1, "what all chance comes from")
	format := flag.String("format", "squid", "squid, zeek-conn, zeek-dns, zeek-ssl, suricata, adguard, or names: the AI names alone")
	out := flag.String("o", "/dev/stdout", "where to write it")
	flag.Parse()
	f, err := os.Create(*out)
	if err != nil {
		log.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	if err := write(w, *format, world.New(*seed, *clients), *lines); err != nil {
		log.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		log.Fatal(err)
	}
}

func write(w *bufio.Writer, format string, office *world.World, lines int) error {
	if format == "names" {
		for _, name := range world.AINames() {
			fmt.Fprintln(w, name)
		}
		return nil
	}
	f, ok := formats[format]
	if !ok {
		return fmt.Errorf("format %q is not known: see -h", format)
	}
	w.WriteString(f.head)
	at := world.Start
	for n := range lines {
		at = at.Add(time.Duration(office.Rand.IntN(40)) * time.Millisecond)
		f.line(w, newEvent(office, at, n))
	}
	return nil
}

// event is a client that talks to a server, from which each format takes what it
// knows.
type event struct {
	n            int
	at           time.Time
	client       world.Client
	server       world.Server
	port         uint16
	up, down, ms int
	chance       int // 0 to 999
	six          bool
}

func newEvent(office *world.World, at time.Time, n int) *event {
	r := office.Rand
	return &event{n, at, office.Client(), office.Server(), office.Port(), 300 + r.IntN(9000), 500 + r.IntN(90000), 1 + r.IntN(3000), r.IntN(1000), r.IntN(5) == 0}
}

func (e *event) epoch() string {
	return fmt.Sprintf("%d.%03d", e.at.Unix(), e.at.Nanosecond()/1e6)
}

// addresses are those of the two ends in one family.
func (e *event) addresses() (client, server string) {
	if e.six {
		return e.client.V6.String(), e.server.V6.String()
	}
	return e.client.V4.String(), e.server.V4.String()
}

func (e *event) qtype() (code int, name string) {
	switch {
	case e.chance < 150:
		return 65, "HTTPS"
	case e.chance < 450:
		return 28, "AAAA"
	}
	return 1, "A"
}
