// Command walk shows the floor: -read only reads the file, without it every
// frame is taken apart down to TCP or UDP with Gnomon's decoder, and no further.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/gnomon-proxy/gnomon/sniffer/capture"
	"github.com/gnomon-proxy/gnomon/sniffer/packet"
)

func main() {
	only := flag.Bool("read", false, "only read the file")
	flag.Parse()
	work := walk
	if *only {
		work = read
	}
	if err := work(flag.Arg(0)); err != nil {
		log.Fatal(err)
	}
}

func read(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	buf := make([]byte, 1<<20)
	for {
		if _, err := f.Read(buf); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func walk(name string) error {
	src, err := capture.Open(name)
	if err != nil {
		return err
	}
	defer src.Close()
	var (
		d        = packet.NewDecoder()
		f        capture.Frame
		p        packet.Packet
		total    int
		tcp, udp int
	)
	for {
		if err := src.Next(&f); errors.Is(err, io.EOF) {
			fmt.Printf("{\"packets\":%d,\"tcp\":%d,\"udp\":%d}\n", total, tcp, udp)
			return nil
		} else if err != nil {
			return err
		}
		total++
		if ok, _ := d.Decode(&f, &p); ok && p.Proto == packet.TCP {
			tcp++
		} else if ok {
			udp++
		}
	}
}
