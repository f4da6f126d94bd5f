package dlp

// assigned returns where the value starts that is assigned to the name whose
// keyword ends at i: after `_name`, `": "`, ` := "`, `=>`, ` is `, `>` and the
// like. It looks at a bounded number of bytes.
func assigned(text []byte, i int) (int, bool) {
	i = skip(text, i, maxName, &nameByte)
	i = skip(text, i, 3, &closer)
	i = skip(text, i, 4, &blank)
	j := skip(text, i, 4, &operator)
	if j == i {
		if j = isWordIs(text, i); j < 0 {
			return 0, false
		}
	}
	i = skip(text, j, 8, &blank)
	at := skip(text, i, 4, &opener)
	if text[j-1] == ',' && at == i {
		return 0, false // a list of arguments: only what is quoted is a value
	}
	return at, at < len(text)
}

const maxName = 32

var (
	nameByte = table("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")
	closer   = table("\"'`])\\")
	blank    = table(" \t")
	operator = table("=:>|?,~!")
	opener   = table("\"'`@\\([{")
)

func skip(text []byte, i, most int, set *[256]bool) int {
	for end := min(len(text), i+most); i < end && set[text[i]]; i++ {
	}
	return i
}

// isWordIs returns the end of "is" at i, the operator of a person's sentence, or
// -1.
func isWordIs(text []byte, i int) int {
	if i == 0 || i+3 > len(text) || !blank[text[i-1]] {
		return -1
	}
	if fold(text[i]) != 'i' || fold(text[i+1]) != 's' || !blank[text[i+2]] && text[i+2] != ':' {
		return -1
	}
	return i + 3
}
