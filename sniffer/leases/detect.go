package leases

import "strings"

// headLines is by how many lines a format is recognised.
const headLines = 50

// detect returns the reader for a file that starts with head, nil when no
// format fits.
func (b *builder) detect(head string) reader {
	head = strings.TrimPrefix(head, "\ufeff")
	n := 0
	var first string // that says something
	for line := range strings.Lines(head) {
		if n++; n > headLines {
			break
		}
		line = strings.TrimRight(line, "\r\n")
		trimmed := strings.TrimSpace(line)
		if trimmed == "" {
			continue
		}
		if r, format := b.recognise(line); r != nil {
			b.report.Format = format
			return r
		}
		if first == "" && trimmed[0] != '#' {
			first = line
		}
	}
	if r := newCSV(b, first); r != nil {
		b.report.Format = "csv"
		return r
	}
	return nil
}

// recognise returns the reader of the format that one line gives away.
func (b *builder) recognise(line string) (reader, string) {
	switch {
	case isISC(line):
		return &isc{builder: b}, "isc-dhcpd"
	case isKea(line):
		return newKea(b), "kea"
	case isDnsmasq(line):
		return &dnsmasq{builder: b}, "dnsmasq"
	case isWindows(line):
		return &windows{builder: b}, "windows-dhcp"
	case isRadius(line):
		return &radius{builder: b}, "radius-detail"
	}
	return nil, ""
}
