package packet

import "encoding/binary"

// radiotap skips the header that a WLAN card in monitor mode adds
// (radiotap.org), whose length is in it.
func (d *Decoder) radiotap(p *Packet, b []byte) (bool, Reason) {
	if len(b) < 8 {
		return false, d.short(LinkShort)
	}
	n := int(binary.LittleEndian.Uint16(b[2:]))
	if b[0] != 0 || n < 8 {
		return false, LinkShort
	}
	if n > len(b) {
		return false, d.short(LinkShort)
	}
	return d.wlanFrame(p, b[n:], radiotapPads(b[:n]))
}

// radiotapPads tells whether the frame has its header padded to four bytes.
func radiotapPads(h []byte) bool {
	at := 4
	present := binary.LittleEndian.Uint32(h[at:])
	for word := present; ; { // one bit map of fields after the other, while the top bit says so
		at += 4
		if word>>31 == 0 || len(h) < at+4 {
			break
		}
		word = binary.LittleEndian.Uint32(h[at:])
	}
	const hasTime, hasFlags, padded = 1, 2, 0x20
	if present&hasTime != 0 {
		at = (at+7)&^7 + 8
	}
	return present&hasFlags != 0 && at < len(h) && h[at]&padded != 0
}

func (d *Decoder) wlan(p *Packet, b []byte) (bool, Reason) { return d.wlanFrame(p, b, false) }

// wlanFrame reads a data frame (IEEE 802.11, clause 9.3.2).
func (d *Decoder) wlanFrame(p *Packet, b []byte, padded bool) (bool, Reason) {
	if len(b) < 2 {
		return false, d.short(LinkShort)
	}
	const (
		kindMask, kindData  = 0x0c, 0x08
		noData, withQoS     = 0x40, 0x80
		toFrom              = 0x03
		protected, withHTC  = 0x40, 0x80
		aggregated, fragLow = 0x80, 0x0f
	)
	if b[0]&kindMask != kindData || b[0]&noData != 0 {
		return false, Fine
	}
	if b[1]&protected != 0 {
		return false, Encrypted
	}
	head := 24
	if b[1]&toFrom == toFrom { // between access points: a fourth address
		head += 6
	}
	qos := head
	if b[0]&withQoS != 0 {
		if head += 2; b[1]&withHTC != 0 {
			head += 4
		}
	}
	at := head
	if padded {
		at = (head + 3) &^ 3
	}
	if len(b) < at {
		return false, d.short(LinkShort)
	}
	if b[22]&fragLow != 0 { // a later fragment of a frame
		return false, Fine
	}
	if b[0]&withQoS != 0 && b[qos]&aggregated != 0 { // several frames in one: we read the first
		if len(b) < at+14 {
			return false, d.short(LinkShort)
		}
		return d.llc(p, d.trim(b[at+14:], int(binary.BigEndian.Uint16(b[at+12:]))))
	}
	return d.llc(p, b[at:])
}
