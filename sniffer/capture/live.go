package capture

import "errors"

// Options of a live capture. The zero value is ready to use.
type Options struct {
	// Filter is what the kernel lets through. See Filter.
	Filter Filter

	// Promiscuous asks the interface for packets that are not addressed to this
	// host: needed at a mirror port.
	Promiscuous bool

	// Fanout, when not 0, joins the group of that number: the sources of one
	// group (opened with the same interface, one for each goroutine) share the
	// packets, and all packets between two addresses and ports go to the same
	// one. The number is the host's: another program's group must differ.
	Fanout uint16

	// RingBytes is the memory shared with the kernel, for the moments when the
	// reader is late; 0 means 32 MiB. It is rounded to whole MiB, 2 at least.
	RingBytes int
}

// Filter is what the kernel lets through.
type Filter uint8

const (
	// FilterAll lets everything through: what is inside a tunnel and how many
	// bytes a flow has can be told only when every packet is seen. A packet costs
	// little, as it is not copied.
	FilterAll Filter = iota

	// FilterNames lets through what can hold a name, and the ends of TCP
	// connections: DNS (also over TCP and TLS), first packets of QUIC on any
	// port, TCP with a payload that does not come from port 443, SYN, FIN and
	// RST, fragments, and every tunnel, whose inside the kernel does not see.
	// Bulk data is dropped: TCP flows are metered by their sequence numbers
	// only, QUIC flows not at all, and the hint of a token stream and TLS 1.2
	// certificates are lost.
	FilterNames
)

// ParseFilter returns the filter of that name, as in the settings.
func ParseFilter(name string) (Filter, error) {
	switch name {
	case "", "all":
		return FilterAll, nil
	case "names":
		return FilterNames, nil
	}
	return 0, errors.New(`unknown filter: want "all" or "names"`)
}

// LiveStats are the kernel's counts since the source was opened.
type LiveStats struct {
	Packets int64 // passed the filter, dropped ones included
	Drops   int64 // lost because the ring was full: the reader was late
	Freezes int64 // times that the ring was found full
}

// ErrDown says that an interface went down or away. It can be opened again when
// it is back.
var ErrDown = errors.New("interface is down or gone")

// errClosed is what Next returns after Close.
var errClosed = errors.New("live capture is closed")
