package document

import (
	"bytes"
	"encoding/ascii85"
	"io"
)

// decode unpacks a stream through its filters (ISO 32000-1, section 7.4). Damaged
// data gives its beginning with a reason; a picture gives the reason Image and its
// bytes as they are.
func (f *pdfFile) decode(s *pdfStream) ([]byte, Reason) {
	data := s.raw
	if f.crypt != nil && s.pdfDict["Type"] != pdfName("XRef") {
		data = f.crypt.stream(data, s)
	}
	filters, params := f.list(s.pdfDict["Filter"], s.pdfDict["F"]), f.list(s.pdfDict["DecodeParms"], s.pdfDict["DP"])
	if len(filters) > 8 {
		return nil, TooDeep
	}
	var worst Reason
	for i, filter := range filters {
		var p pdfDict
		if i < len(params) {
			p = f.dict(params[i])
		}
		var reason Reason
		data, reason = f.filter(f.name(filter), data, p)
		switch reason {
		case "":
		case Damaged: // use what there is
			worst = reason
		default:
			return data, reason
		}
	}
	return data, worst
}

// list returns an entry that may be one thing or an array of them.
func (f *pdfFile) list(entry, short any) pdfArray {
	if entry == nil {
		if _, isName := short.(pdfName); isName {
			entry = short
		}
	}
	switch o := f.resolve(entry).(type) {
	case nil:
		return nil
	case pdfArray:
		return o
	default:
		return pdfArray{o}
	}
}

func (f *pdfFile) filter(name string, data []byte, params pdfDict) (out []byte, reason Reason) {
	switch name {
	case "FlateDecode", "Fl":
		out, reason = f.inflate(data)
	case "LZWDecode", "LZW":
		out, reason = f.lzw(data, f.number(params["EarlyChange"], 1) != 0)
	case "ASCII85Decode", "A85":
		return decodeASCII85(data), ""
	case "ASCIIHexDecode", "AHx":
		if end := bytes.IndexByte(data, '>'); end >= 0 {
			data = data[:end]
		}
		return decodeHex(data), ""
	case "RunLengthDecode", "RL":
		return f.runLength(data)
	case "Crypt":
		return data, ""
	case "DCTDecode", "DCT", "JPXDecode", "CCITTFaxDecode", "CCF", "JBIG2Decode":
		return data, Image
	default:
		return nil, Unsupported
	}
	if reason != "" && reason != Damaged {
		return out, reason
	}
	return f.predict(out, params), reason
}

// inflate ignores the checksum, and reads data whose two bytes of head are missing.
func (f *pdfFile) inflate(data []byte) ([]byte, Reason) {
	data = bytes.TrimLeft(data, "\r\n")
	if len(data) < 2 {
		return nil, ""
	}
	body := data
	if data[0]&0x0f == 8 && (int(data[0])<<8|int(data[1]))%31 == 0 {
		body = data[2:]
	}
	from := &source{r: bytes.NewReader(body), size: int64(len(data))}
	return f.w.readAll(newFlate(from), from)
}

func decodeASCII85(data []byte) []byte {
	if end := bytes.Index(data, []byte("~>")); end >= 0 {
		data = data[:end]
	}
	data = bytes.TrimPrefix(bytes.TrimSpace(data), []byte("<~"))
	out, _ := io.ReadAll(ascii85.NewDecoder(bytes.NewReader(data)))
	return out
}

func (f *pdfFile) runLength(data []byte) ([]byte, Reason) {
	var out []byte
	for len(data) > 1 && data[0] != 128 {
		n := int(data[0])
		if n < 128 {
			n = min(n+1, len(data)-1)
			out = append(out, data[1:1+n]...)
			data = data[1+n:]
		} else {
			out = append(out, bytes.Repeat(data[1:2], 257-n)...)
			data = data[2:]
		}
		if int64(len(out))+f.w.unpacked > f.w.o.Unpacked {
			return out, TooLarge
		}
	}
	f.w.unpack(int64(len(out)))
	return out, ""
}

// lzw decodes the variant of TIFF: codes of 9 to 12 bits, the highest bit first.
func (f *pdfFile) lzw(data []byte, early bool) ([]byte, Reason) {
	var (
		prefix [4096]int16
		last   [4096]byte
		stack  [4096]byte
		out    []byte
	)
	next, width, old, first := 258, uint(9), -1, byte(0)
	bits, n := uint32(0), uint(0)
	change := 0
	if early {
		change = 1
	}
	most := max(freeRatio, int64(len(data))*f.w.o.Ratio)
	for _, b := range data {
		bits, n = bits<<8|uint32(b), n+8
		if n < width {
			continue
		}
		n -= width
		code := int(bits >> n & (1<<width - 1))
		switch {
		case code == 256:
			next, width, old = 258, 9, -1
			continue
		case code == 257:
			f.w.unpack(int64(len(out)))
			return out, ""
		case code > next || code == next && old < 0:
			f.w.unpack(int64(len(out)))
			return out, Damaged
		}
		top, c := len(stack), code
		if code == next {
			top--
			stack[top] = first
			c = old
		}
		for c >= 258 && top > 1 {
			top--
			stack[top] = last[c]
			c = int(prefix[c])
		}
		first = byte(c)
		top--
		stack[top] = first
		out = append(out, stack[top:]...)
		if old >= 0 && next < 4096 {
			prefix[next], last[next] = int16(old), first
			next++
			if next+change >= 1<<width && width < 12 {
				width++
			}
		}
		old = code
		if int64(len(out)) > most || int64(len(out))+f.w.unpacked > f.w.o.Unpacked {
			f.w.unpack(int64(len(out)))
			return out, Bomb
		}
	}
	f.w.unpack(int64(len(out)))
	return out, ""
}

// predict undoes the differences that pictures and tables are packed with.
func (f *pdfFile) predict(data []byte, p pdfDict) []byte {
	kind := int(f.number(p["Predictor"], 1))
	if kind < 10 {
		return data // TIFF's is for pictures
	}
	colors, bits := f.number(p["Colors"], 1), f.number(p["BitsPerComponent"], 8)
	rowBits := colors * bits * f.number(p["Columns"], 1)
	if rowBits < 1 || rowBits > 1<<24 || colors < 1 || bits < 1 {
		return data
	}
	row, pixel := (int(rowBits)+7)/8, max(1, int(colors*bits)/8)
	out := make([]byte, 0, len(data))
	up := make([]byte, row)
	for len(data) > 1 {
		kind := data[0]
		line := data[1:min(len(data), row+1)]
		data = data[1+len(line):]
		start := len(out)
		out = append(out, line...)
		unfilter(kind, out[start:], up, pixel)
		copy(up, out[start:])
	}
	return out
}

// unfilter undoes a filter of PNG (RFC 2083, section 6).
func unfilter(kind byte, line, up []byte, pixel int) {
	for i := range line {
		var left, corner byte
		if i >= pixel {
			left, corner = line[i-pixel], up[i-pixel]
		}
		switch kind {
		case 1:
			line[i] += left
		case 2:
			line[i] += up[i]
		case 3:
			line[i] += byte((int(left) + int(up[i])) / 2)
		case 4:
			line[i] += paeth(left, up[i], corner)
		}
	}
}

func paeth(a, b, c byte) byte {
	p := int(a) + int(b) - int(c)
	pa, pb, pc := abs(p-int(a)), abs(p-int(b)), abs(p-int(c))
	switch {
	case pa <= pb && pa <= pc:
		return a
	case pb <= pc:
		return b
	}
	return c
}

func abs(n int) int { return max(n, -n) }
