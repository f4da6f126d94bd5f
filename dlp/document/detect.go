package document

import (
	"bytes"
	"unicode/utf8"
)

// Format is what a file is, told by its content.
type Format string

// Formats that are read.
const (
	PlainText Format = "text"
	UTF16     Format = "utf-16"
	UTF32     Format = "utf-32"
	HTML      Format = "html"
	CSV       Format = "csv"
	Mail      Format = "mail"
	Mailbox   Format = "mbox"
	Notebook  Format = "notebook"
	RTF       Format = "rtf"
	PDF       Format = "pdf"
	Zip       Format = "zip" // docx, xlsx, pptx, odt, ods, odp and their kin too
	OLE       Format = "ole" // msg, and Office files with a password
	Gzip      Format = "gzip"
	Bzip2     Format = "bzip2"
	Zstd      Format = "zstd"
	Tar       Format = "tar"
	Unknown   Format = "unknown"
)

// magic is a file's beginning. A reason means that it is not read.
type magic struct {
	at     int
	bytes  string
	format Format
	reason Reason
}

var magics = []magic{
	{0, "PK\x03\x04", Zip, ""},
	{0, "PK\x05\x06", Zip, ""},
	{0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE, ""},
	{0, "\x1f\x8b\x08", Gzip, ""},
	{0, "BZh", Bzip2, ""},
	{0, "\x28\xb5\x2f\xfd", Zstd, ""},
	{257, "ustar", Tar, ""},
	{0, "\xfd7zXZ\x00", "xz", Unsupported},
	{0, "7z\xbc\xaf\x27\x1c", "7z", Unsupported},
	{0, "Rar!\x1a\x07", "rar", Unsupported},
	{0, "\x04\x22\x4d\x18", "lz4", Unsupported},
	{0, "\x89PNG\r\n\x1a\n", "image/png", Image},
	{0, "\xff\xd8\xff", "image/jpeg", Image},
	{0, "GIF87a", "image/gif", Image},
	{0, "GIF89a", "image/gif", Image},
	{0, "II*\x00", "image/tiff", Image},
	{0, "MM\x00*", "image/tiff", Image},
	{0, "BM", "image/bmp", Image},
	{0, "\x00\x00\x01\x00", "image/x-icon", Image},
	{8, "WEBP", "image/webp", Image},
	{4, "ftypavif", "image/avif", Image},
	{4, "ftyphei", "image/heic", Image},
	{4, "ftypmif1", "image/heif", Image},
	{0, "\xff\x0a", "image/jxl", Image},
	{0, "\x00\x00\x00\x0cJXL ", "image/jxl", Image},
	{0, "\x00\x00\x00\x0cjP  ", "image/jp2", Image},
	{0, "8BPS", "image/vnd.adobe.photoshop", Image},
	{0, "\xd7\xcd\xc6\x9a", "image/wmf", Image},
	{40, " EMF", "image/emf", Image},
	{8, "WAVE", "audio/wav", Audio},
	{0, "ID3", "audio/mpeg", Audio},
	{0, "\xff\xfb", "audio/mpeg", Audio},
	{0, "fLaC", "audio/flac", Audio},
	{0, "OggS", "audio/ogg", Audio},
	{0, "#!AMR", "audio/amr", Audio},
	{4, "ftypM4A", "audio/mp4", Audio},
	{0, "\x1a\x45\xdf\xa3", "video/webm", Video},
	{4, "ftyp", "video/mp4", Video},
	{8, "AVI ", "video/avi", Video},
	{0, "\x00\x00\x01\xba", "video/mpeg", Video},
	{0, "FLV\x01", "video/flv", Video},
	{0, "wOFF", "font/woff", Font},
	{0, "wOF2", "font/woff2", Font},
	{0, "OTTO", "font/otf", Font},
	{0, "\x00\x01\x00\x00\x00", "font/ttf", Font},
	{0, "true\x00", "font/ttf", Font},
}

// sample is how much of a file is looked at to tell text from binary.
const sample = 4 << 10

// Detect tells the format of a file by its beginning: all of it, or some MiB.
func Detect(data []byte) Format { return detect(data) }

// detect tells the format of a file.
func detect(data []byte) Format {
	if len(data) == 0 {
		return PlainText
	}
	if f := wideText(data); f != "" {
		return f
	}
	if isPDF(data) {
		return PDF
	}
	head := data[:min(len(data), sample)]
	if looksText(head) {
		return textFormat(data)
	}
	for _, m := range magics {
		if len(data) >= m.at && bytes.HasPrefix(data[m.at:], []byte(m.bytes)) {
			return m.format
		}
	}
	if i := bytes.LastIndex(data, []byte("PK\x05\x06")); i >= 0 && len(data)-i <= 22+1<<16 {
		return Zip // after some other program, as in self-extracting archives
	}
	if mostlyText(head) {
		return textFormat(data)
	}
	return Unknown
}

// mostlyText tells whether control characters are rare: a stray one is no reason to
// take a text for something else.
func mostlyText(b []byte) bool {
	controls, zeros := 0, 0
	for _, c := range b {
		if c == 0 {
			zeros++
		}
		if c < '\b' || c > '\r' && c < ' ' && c != 0x1b {
			controls++
		}
	}
	return controls*50 < len(b) && zeros <= 1+len(b)/1000
}

// notRead returns why a format is not read, "" if it is.
func notRead(f Format) Reason {
	for _, m := range magics {
		if m.format == f {
			return m.reason
		}
	}
	return ""
}

// looksText tells whether the beginning of a file is text in UTF-8 or some
// single-byte character set: control characters are what binary files have.
func looksText(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != '\x1b' && c != '\b' {
			return false
		}
	}
	if utf8.Valid(b) || len(b) == sample {
		return true
	}
	high := 0 // a few compressed bytes may miss all control characters
	for _, c := range b {
		if c >= 0x80 {
			high++
		}
	}
	return len(b) > 16 || high*2 <= len(b)
}

// textFormat tells the format of a file that is text.
func textFormat(data []byte) Format {
	head := bytes.TrimLeft(bytes.TrimPrefix(data[:min(len(data), sample)], []byte("\xef\xbb\xbf")), " \t\r\n\f")
	switch {
	case bytes.HasPrefix(head, []byte(`{\rt`)):
		return RTF
	case isHTML(head):
		return HTML
	case isNotebook(data):
		return Notebook
	case isMail(data):
		return Mail
	case isMailbox(data):
		return Mailbox
	case detectGrid(data) != nil:
		return CSV
	}
	return PlainText
}

// isPDF finds the header within the first KiB, where viewers accept it, and an object.
func isPDF(data []byte) bool {
	return bytes.Contains(data[:min(len(data), 1024)], []byte("%PDF-")) && bytes.Contains(data, []byte(" obj"))
}

// wideText tells UTF-16 and UTF-32, with a byte order mark or by the zero bytes
// between Latin letters.
func wideText(b []byte) Format {
	switch {
	case bytes.HasPrefix(b, []byte("\xff\xfe\x00\x00")), bytes.HasPrefix(b, []byte("\x00\x00\xfe\xff")):
		return UTF32
	case bytes.HasPrefix(b, []byte("\xff\xfe")), bytes.HasPrefix(b, []byte("\xfe\xff")):
		return UTF16
	}
	n := min(len(b), 256) &^ 3
	if n < 8 {
		return ""
	}
	var zero [4]int
	for i, c := range b[:n] {
		switch {
		case c == 0:
			zero[i&3]++
		case c < ' ' && c != '\n' && c != '\r' && c != '\t':
			return ""
		}
	}
	q := n / 4
	switch {
	case zero[1] == q && zero[2] == q && zero[3] == q && zero[0] == 0, zero[0] == q && zero[1] == q && zero[2] == q && zero[3] == 0:
		return UTF32
	case zero[1]+zero[3] > q && zero[0]+zero[2] == 0, zero[0]+zero[2] > q && zero[1]+zero[3] == 0:
		return UTF16
	}
	return ""
}
