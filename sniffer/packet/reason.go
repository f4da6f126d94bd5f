package packet

// Reason says why a frame could not be read, or not as a whole. The set is
// closed.
type Reason uint8

// The reasons. The zero value means that nothing is wrong.
const (
	Fine             Reason = iota
	LinkType                // no reader for the link type of the capture
	LinkShort               // the frame ends in a header below IP
	IPHeader                // an IP header that is short or contradicts itself
	Extensions              // more IPv6 extension headers than anybody needs
	TCPHeader               // a TCP header that is short or contradicts itself
	UDPHeader               // a UDP header that is short or contradicts itself
	TunnelHeader            // a tunnel header that is short or contradicts itself
	Depth                   // more tunnels, tags or labels inside each other than we follow
	Snaplen                 // the capture kept too little of the frame
	FragmentRange           // a fragment that ends beyond the longest datagram, or is empty
	FragmentOverlap         // fragments that contradict each other: the datagram is dropped
	FragmentOverflow        // a datagram of more fragments than anybody sends
	Encrypted               // a frame encrypted on the link (WLAN, MACsec)
	Reasons          = iota // how many there are
)

var reasonNames = [Reasons]string{
	"", "link_type", "link_short", "ip_header", "ipv6_extensions", "tcp_header", "udp_header", "tunnel_header",
	"depth", "snaplen", "fragment_range", "fragment_overlap", "fragment_overflow", "link_encrypted",
}

// String returns the name of r as metrics and reports show it; "" for Fine.
func (r Reason) String() string {
	if int(r) >= Reasons {
		return "unknown"
	}
	return reasonNames[r]
}
