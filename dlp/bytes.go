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
