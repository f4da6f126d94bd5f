package capture

import "golang.org/x/net/bpf"

// What the program of a filter returns: how much of the packet is wanted.
const (
	passAll = 1 << 18
	dropAll = 0
)

// namesFilter is the program of FilterNames, for frames whose IP header begins
// at head; 0 stands for cooked sockets, where the kernel knows the ether type.
func namesFilter(head uint32) []bpf.Instruction {
	var a program
	if head == 0 {
		a.add(bpf.LoadExtension{Num: bpf.ExtProto})
	} else {
		a.add(bpf.LoadAbsolute{Off: head - 2, Size: 2})
	}
	a.when(0x0800, "ipv4")
	a.when(0x86dd, "ipv6")
	// Tags, labels, sessions and service instances: what is inside has no fixed
	// place.
	for _, proto := range []uint32{0x8100, 0x88a8, 0x9100, 0x9200, 0x8847, 0x8848, 0x8864, 0x88e7, 0x893f} {
		a.when(proto, "pass")
	}
	a.jump("drop")

	a.label("ipv4")
	a.add(bpf.LoadAbsolute{Off: head + 6, Size: 2})
	a.test(bpf.JumpBitsSet, 0x3fff, "pass") // a fragment
	a.add(bpf.LoadMemShift{Off: head})      // X: the length of the header
	a.add(bpf.LoadAbsolute{Off: head + 2, Size: 2}, bpf.ALUOpX{Op: bpf.ALUOpSub}, bpf.StoreScratch{Src: bpf.RegA, N: carried})
	a.add(bpf.LoadAbsolute{Off: head + 9, Size: 1})
	a.jump("protocol")

	a.label("ipv6")
	a.add(bpf.LoadConstant{Dst: bpf.RegX, Val: 40})
	a.add(bpf.LoadAbsolute{Off: head + 4, Size: 2}, bpf.StoreScratch{Src: bpf.RegA, N: carried})
	a.add(bpf.LoadAbsolute{Off: head + 6, Size: 1})

	a.label("protocol")
	a.when(17, "udp")
	a.when(6, "tcp")
	// IPv6 extension headers, tunnels, ESP (whose address tells of a VPN).
	for _, proto := range []uint32{0, 43, 44, 51, 60, 135, 4, 41, 47, 50, 97, 137, 143} {
		a.when(proto, "pass")
	}
	a.jump("drop")
	a.udp(head)
	a.tcp(head)

	a.label("pass")
	a.add(bpf.RetConstant{Val: passAll})
	a.label("drop")
	a.add(bpf.RetConstant{Val: dropAll})
	return a.link()
}

// carried is the scratch cell with the length of what IP carries.
const carried = 0

// udp goes on with X as the length of the IP header.
func (a *program) udp(head uint32) {
	a.label("udp")
	for _, off := range []uint32{0, 2} { // DNS, DoQ and the tunnels
		a.add(bpf.LoadIndirect{Off: head + off, Size: 2})
		for _, port := range []uint32{53, 853, 2152, 3544, 4754, 4789, 4790, 6081, 8472} {
			a.when(port, "pass")
		}
	}
	// A long header of QUIC (RFC 9000, section 17.2), of version 1, 2, a draft or
	// one made up to be refused, or a refusal.
	a.add(bpf.LoadIndirect{Off: head + 8, Size: 1})
	a.test(bpf.JumpBitsNotSet, 0x80, "drop")
	a.add(bpf.LoadIndirect{Off: head + 9, Size: 4})
	for _, version := range []uint32{1, 0x6b3343cf, 0} {
		a.when(version, "pass")
	}
	a.add(bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: 0xffffff00})
	a.when(0xff000000, "pass")
	a.add(bpf.LoadIndirect{Off: head + 9, Size: 4}, bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: 0x0f0f0f0f})
	a.when(0x0a0a0a0a, "pass")
	a.jump("drop")
}

// tcp goes on with X as the length of the IP header.
func (a *program) tcp(head uint32) {
	const finSynRst = 7
	a.label("tcp")
	a.add(bpf.LoadIndirect{Off: head + 13, Size: 1})
	a.test(bpf.JumpBitsSet, finSynRst, "pass")
	a.add(bpf.LoadIndirect{Off: head, Size: 2})
	a.when(443, "drop") // what servers send is the bulk
	a.add(bpf.LoadIndirect{Off: head + 12, Size: 1})
	a.add(bpf.ALUOpConstant{Op: bpf.ALUOpShiftRight, Val: 4}, bpf.ALUOpConstant{Op: bpf.ALUOpShiftLeft, Val: 2}, bpf.TAX{})
	a.add(bpf.LoadScratch{Dst: bpf.RegA, N: carried}, bpf.ALUOpX{Op: bpf.ALUOpSub})
	a.when(0, "drop") // an acknowledgement alone
	a.jump("pass")
}

// program assembles instructions whose jumps have names.
type program struct {
	code   []bpf.Instruction
	labels map[string]int
	jumps  map[int]string // by index of the instruction
}

func (a *program) add(in ...bpf.Instruction) { a.code = append(a.code, in...) }

func (a *program) label(name string) {
	if a.labels == nil {
		a.labels = map[string]int{}
	}
	a.labels[name] = len(a.code)
}

// jump goes to a label further down.
func (a *program) jump(to string) {
	if a.jumps == nil {
		a.jumps = map[int]string{}
	}
	a.jumps[len(a.code)] = to
	a.add(bpf.Jump{})
}

// when goes to a label if the accumulator is val.
func (a *program) when(val uint32, to string) { a.test(bpf.JumpEqual, val, to) }

// test goes to a label if a condition holds. Conditional jumps reach 255
// instructions only, so it is one over an unconditional jump.
func (a *program) test(cond bpf.JumpTest, val uint32, to string) {
	a.add(bpf.JumpIf{Cond: cond, Val: val, SkipFalse: 1})
	a.jump(to)
}

// link resolves the labels.
func (a *program) link() []bpf.Instruction {
	for i, to := range a.jumps {
		a.code[i] = bpf.Jump{Skip: uint32(a.labels[to] - i - 1)}
	}
	return a.code
}
