// Command naive counts DNS questions the way gopacket's examples do: a
// PacketSource that decodes every layer of every packet.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"
)

func main() {
	f, err := os.Open(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	r, err := pcapgo.NewReader(bufio.NewReaderSize(f, 1<<20))
	if err != nil {
		log.Fatal(err)
	}
	source := gopacket.NewPacketSource(r, r.LinkType())
	names := map[string]int{}
	packets, queries, replies := 0, 0, 0
	for {
		p, err := source.NextPacket() // kinder than Packets(), which has a channel between
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			log.Fatal(err)
		}
		packets++
		dns, ok := p.Layer(layers.LayerTypeDNS).(*layers.DNS)
		if !ok || len(dns.Questions) == 0 {
			continue
		}
		names[string(dns.Questions[0].Name)]++
		if dns.QR {
			replies++
		} else {
			queries++
		}
	}
	fmt.Printf("{\"packets\":%d,\"query\":%d,\"reply\":%d,\"distinct\":%d}\n", packets, queries, replies, len(names))
}
