package capture

import (
	"encoding/binary"
	"fmt"
	"sync"
	"sync/atomic"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// ring is memory shared with the kernel (TPACKET_V3, Documentation/networking/
// packet_mmap.rst): it fills one block after the other with packets and gives
// each to us, we give it back when it is read.
type ring struct {
	link   uint32
	sock   int
	wake   int // eventfd that ends a wait
	blocks [][]byte
	mem    []byte
	once   sync.Once
}

const (
	blockSize   = 1 << 20
	defaultRing = 32 << 20

	// retire is after how many milliseconds the kernel gives us a block that is
	// not full: the delay of a packet on a quiet line.
	retire = 20
)

// The link types of live captures (LINKTYPE_ numbers).
const (
	linkEthernet = 1
	linkWLAN     = 105
	linkCooked   = 113
	linkRadiotap = 127
)

// openRing opens the interface of that index; 0 stands for all.
func openRing(name string, index int, o Options) (*ring, error) {
	r := &ring{link: linkCooked, sock: -1, wake: -1}
	err := r.open(name, index, o)
	if err != nil {
		r.release()
		return nil, err
	}
	return r, nil
}

// open sets everything up before it binds, so that not one packet that the
// filter refuses gets in.
func (r *ring) open(name string, index int, o Options) (err error) {
	if r.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		return fmt.Errorf("eventfd: %w", err)
	}
	var loopback bool
	if index != 0 {
		if r.link, loopback, err = linkOf(name); err != nil {
			return err
		}
	}
	kind := unix.SOCK_RAW
	if r.link == linkCooked {
		kind = unix.SOCK_DGRAM // without the header of the link, which could be anything
	}
	if r.sock, err = unix.Socket(unix.AF_PACKET, kind|unix.SOCK_CLOEXEC, 0); err != nil {
		return fmt.Errorf("packet socket: %w", err)
	}
	if err = r.filter(o.Filter); err != nil {
		return err
	}
	if err = r.share(o.RingBytes); err != nil {
		return err
	}
	if loopback { // where each packet leaves and arrives
		if err = unix.SetsockoptInt(r.sock, unix.SOL_PACKET, unix.PACKET_IGNORE_OUTGOING, 1); err != nil {
			return fmt.Errorf("PACKET_IGNORE_OUTGOING: %w", err)
		}
	}
	return r.bind(index, o)
}

// linkOf tells what the frames of an interface look like.
func linkOf(name string) (link uint32, loopback bool, err error) {
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, false, fmt.Errorf("socket: %w", err)
	}
	defer unix.Close(s)
	req, err := unix.NewIfreq(name)
	if err != nil {
		return 0, false, err
	}
	if err := unix.IoctlIfreq(s, unix.SIOCGIFHWADDR, req); err != nil {
		return 0, false, fmt.Errorf("SIOCGIFHWADDR: %w", err)
	}
	switch req.Uint16() { // the family of the address
	case unix.ARPHRD_ETHER:
		return linkEthernet, false, nil
	case unix.ARPHRD_LOOPBACK:
		return linkEthernet, true, nil
	case unix.ARPHRD_IEEE80211:
		return linkWLAN, false, nil
	case unix.ARPHRD_IEEE80211_RADIOTAP:
		return linkRadiotap, false, nil
	}
	return linkCooked, false, nil
}

func (r *ring) filter(f Filter) error {
	if f == FilterAll {
		return nil
	}
	head := uint32(14)
	if r.link == linkCooked {
		head = 0
	} else if r.link != linkEthernet {
		return nil // WLAN: the place of the IP header varies
	}
	raw, err := bpf.Assemble(namesFilter(head))
	if err != nil {
		return fmt.Errorf("assembling the kernel filter: %w", err)
	}
	prog := make([]unix.SockFilter, len(raw))
	for i, in := range raw {
		prog[i] = unix.SockFilter{Code: in.Op, Jt: in.Jt, Jf: in.Jf, K: in.K}
	}
	err = unix.SetsockoptSockFprog(r.sock, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: uint16(len(prog)), Filter: &prog[0]})
	if err != nil {
		return fmt.Errorf("attaching the kernel filter: %w", err)
	}
	return nil
}

// share makes the ring and maps it.
func (r *ring) share(size int) error {
	if size == 0 {
		size = defaultRing
	}
	n := max(size/blockSize, 2)
	const frame = 1 << 11 // only checked: in TPACKET_V3 packets take what they need
	req := unix.TpacketReq3{
		Block_size: blockSize, Block_nr: uint32(n), Frame_size: frame, Frame_nr: uint32(n * (blockSize / frame)),
		Retire_blk_tov: retire,
	}
	if err := unix.SetsockoptInt(r.sock, unix.SOL_PACKET, unix.PACKET_VERSION, unix.TPACKET_V3); err != nil {
		return fmt.Errorf("PACKET_VERSION: %w", err)
	}
	if err := unix.SetsockoptTpacketReq3(r.sock, unix.SOL_PACKET, unix.PACKET_RX_RING, &req); err != nil {
		return fmt.Errorf("a ring of %d MiB: %w", n, err)
	}
	mem, err := unix.Mmap(r.sock, 0, n*blockSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_POPULATE)
	if err != nil {
		return fmt.Errorf("mapping a ring of %d MiB: %w", n, err)
	}
	r.mem = mem
	for ; len(mem) > 0; mem = mem[blockSize:] {
		r.blocks = append(r.blocks, mem[:blockSize:blockSize])
	}
	return nil
}

func (r *ring) bind(index int, o Options) error {
	if err := unix.Bind(r.sock, &unix.SockaddrLinklayer{Protocol: htons(unix.ETH_P_ALL), Ifindex: index}); err != nil {
		return fmt.Errorf("bind: %w", err)
	}
	if o.Promiscuous && index != 0 {
		m := unix.PacketMreq{Ifindex: int32(index), Type: unix.PACKET_MR_PROMISC}
		if err := unix.SetsockoptPacketMreq(r.sock, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP, &m); err != nil {
			return fmt.Errorf("promiscuous mode: %w", err)
		}
	}
	if o.Fanout != 0 {
		if err := unix.SetsockoptInt(r.sock, unix.SOL_PACKET, unix.PACKET_FANOUT, int(o.Fanout)|unix.PACKET_FANOUT_HASH<<16); err != nil {
			return fmt.Errorf("joining fanout group %d: %w", o.Fanout, err)
		}
	}
	return nil
}

// htons puts v into network byte order.
func htons(v uint16) uint16 {
	return binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, v))
}

// header returns the header of a block. Its status is written by the kernel on
// another core.
func (r *ring) header(block int) *unix.TpacketHdrV1 {
	d := (*unix.TpacketBlockDesc)(unsafe.Pointer(&r.blocks[block][0]))
	return (*unix.TpacketHdrV1)(unsafe.Pointer(&d.Hdr))
}

// take returns the packets of a block, if it is ours.
func (r *ring) take(block int) (packets []byte, n uint32, ok bool) {
	h := r.header(block)
	if atomic.LoadUint32(&h.Block_status)&unix.TP_STATUS_USER == 0 {
		return nil, 0, false
	}
	return r.blocks[block][h.Offset_to_first_pkt:], h.Num_pkts, true
}

func (r *ring) giveBack(block int) {
	atomic.StoreUint32(&r.header(block).Block_status, unix.TP_STATUS_KERNEL)
}

// wait waits for a block or an interrupt.
func (r *ring) wait() error {
	fds := []unix.PollFd{{Fd: int32(r.sock), Events: unix.POLLIN | unix.POLLERR}, {Fd: int32(r.wake), Events: unix.POLLIN}}
	if _, err := unix.Poll(fds, -1); err != nil && err != unix.EINTR {
		return fmt.Errorf("poll: %w", err)
	}
	if fds[0].Revents&(unix.POLLERR|unix.POLLHUP|unix.POLLNVAL) == 0 {
		return nil
	}
	switch code, err := unix.GetsockoptInt(r.sock, unix.SOL_SOCKET, unix.SO_ERROR); {
	case err != nil:
		return fmt.Errorf("SO_ERROR: %w", err)
	case code == int(unix.ENETDOWN), code == int(unix.ENODEV), code == int(unix.ENXIO):
		return ErrDown
	case code != 0:
		return unix.Errno(code)
	}
	return nil
}

// drain gives the kernel time to retire the block that it was filling.
func (r *ring) drain() {
	fds := []unix.PollFd{{Fd: int32(r.wake), Events: unix.POLLIN}}
	unix.Poll(fds, 3*retire) // early is no harm
}

// interrupt ends a wait, now or when it comes.
func (r *ring) interrupt() {
	if r.wake >= 0 {
		unix.Write(r.wake, []byte{1, 0, 0, 0, 0, 0, 0, 0}) // can fail only when it is set already
	}
}

// release gives everything back. Nobody may use a block afterwards.
func (r *ring) release() {
	r.once.Do(func() {
		if r.mem != nil {
			unix.Munmap(r.mem)
		}
		for _, fd := range []int{r.sock, r.wake} {
			if fd >= 0 {
				unix.Close(fd)
			}
		}
		r.sock, r.wake, r.mem, r.blocks = -1, -1, nil, nil
	})
}

// The layout of a packet in the ring: its header, then the kernel's sockaddr_ll,
// and for cooked sockets a gap before the data.
const (
	addressAt = (unix.SizeofTpacket3Hdr + 15) &^ 15
	cookedLen = 16
)

// cook puts a Linux cooked header before the data of a packet, which is at b[at:]
// and of which f knows the rest. There is room: the kernel leaves 16 bytes for
// that. It reports false for the second sight of a loopback packet.
func cook(b []byte, at int, f *Frame) bool {
	a := (*unix.RawSockaddrLinklayer)(unsafe.Pointer(&b[addressAt]))
	if a.Pkttype == unix.PACKET_OUTGOING && a.Hatype == unix.ARPHRD_LOOPBACK {
		return false
	}
	f.Data = b[at-cookedLen : at+len(f.Data)]
	f.Length += cookedLen
	h := f.Data[:cookedLen]
	clear(h)
	binary.BigEndian.PutUint16(h, uint16(a.Pkttype))
	binary.BigEndian.PutUint16(h[2:], a.Hatype)
	binary.NativeEndian.PutUint16(h[14:], a.Protocol) // is in network byte order
	return true
}
