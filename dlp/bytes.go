package dlp

// isWord tells the bytes that make a word: a token that goes on in them is
// another token.
var isWord = table("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")

func table(bytes string) (t [256]bool) {
	for i := range len(bytes) {
		t[bytes[i]] = true
	}
	return t
}

func isDigit(c byte) bool { return c-'0' < 10 }
func isUpper(c byte) bool { return c-'A' < 26 }
func isLower(c byte) bool { return c-'a' < 26 }
func isAlpha(c byte) bool { return (c|0x20)-'a' < 26 }
func isAlnum(c byte) bool { return isAlpha(c) || isDigit(c) }

// fold returns c in lower case.
func fold(c byte) byte {
	if isUpper(c) {
		return c | 0x20
	}
	return c
}

// byteSet is a set of bytes, in an eighth of the room of a table.
type byteSet [4]uint64

var anyByte = byteSet{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}

func (s *byteSet) has(c byte) bool { return s[c>>6]>>(c&63)&1 != 0 }

func (s *byteSet) add(c byte) { s[c>>6] |= 1 << (c & 63) }

func (s *byteSet) not() byteSet { return byteSet{^s[0], ^s[1], ^s[2], ^s[3]} }

func bytesOf(take func(byte) bool) (s byteSet) {
	for c := range 256 {
		if take(byte(c)) {
			s.add(byte(c))
		}
	}
	return s
}

// foldings returns c, which is in lower case, and its upper case.
func foldings(c byte) (s byteSet) {
	s.add(c)
	if isLower(c) {
		s.add(c &^ 0x20)
	}
	return s
}

func indexByte(s string, c byte) int {
	for i := range len(s) {
		if s[i] == c {
			return i
		}
	}
	return len(s)
}
