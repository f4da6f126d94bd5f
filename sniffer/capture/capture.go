// Package capture brings frames in. In: capture files (pcap and pcapng, plain,
// gzip or zstd) and, on Linux, network interfaces; out: one Frame after
// another, undecoded, with what the capture knows about it.
//
// Files are hostile: memory is bounded whatever a length field says, and a
// damaged file is read up to the damage. A live source shares a ring of memory
// with the kernel, so that a packet costs no system call and no copy; what the
// kernel had to drop is counted.
package capture

import (
	"errors"
	"time"
)

// Frame is one captured packet. A Source fills it again and again.
type Frame struct {
	Time      time.Time // zero where the capture has none
	Link      uint32    // LINKTYPE_ number, as tcpdump.org lists them
	Data      []byte    // the captured bytes, valid until the next call of Next
	Length    int       // bytes on the wire, at least len(Data)
	VLAN      uint16    // id of a tag that the network card or kernel took out of Data; 0: none
	Interface string    // name of the interface; "" where the capture does not say
}

// Source is where frames come from. It is for one goroutine.
type Source interface {
	// Next fills f. It returns io.EOF at a clean end; after any other error
	// nothing more can be read either.
	Next(f *Frame) error
}

// ErrFormat says that a file is no packet capture.
var ErrFormat = errors.New("not a pcap or pcapng capture (plain, gzip or zstd)")
