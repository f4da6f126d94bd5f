package logs

import "strings"

// foreign tells what a file is that is no text, and what to do instead; "" when
// it doesn't know.
func foreign(head string) string {
	switch {
	case IsCapture([]byte(head[:min(len(head), 8)])):
		return "this is a packet capture, not a log"
	case strings.HasPrefix(head, "SQLite format 3"):
		return "this is an SQLite database: give the text log instead (of Pi-hole: pihole.log)"
	case strings.HasPrefix(head, "PK\x03\x04"):
		return "this is a zip archive: unpack it first"
	case strings.HasPrefix(head, "\xFD7zXZ"):
		return "this is compressed by xz: unpack it first (gzip, zstd and bzip2 are read as they are)"
	case strings.HasPrefix(head, "ElfFile"):
		return "this is a Windows event log: export it as text first"
	}
	return ""
}
