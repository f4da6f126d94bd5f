package dlp

// assigned returns where the value starts that is assigned to the name whose
// keyword ends at i: after `_name`, `": "`, ` := "`, `=>`, ` is `, `>` and the
// like. It looks at a bounded number of bytes.
func assigned(text []byte, i int) (int, bool) {
	i = skip(text, i, maxName, &nameByte)
	named := i
	i = skip(text, i, 4, &closer)
	closed := i > named
	i = skip(text, i, 4, &blank)
	j := equals(text, i, closed)
	if j < 0 {
		if quoted := skip(text, i, 1, &quote); quoted > i && i > named && blank[text[i-1]] { // password "..."
			return quoted, quoted < len(text)
		}
		return 0, false
	}
	if text[j-1] == '>' { // the text of an element may stand on a line of its own
		i = skip(text, j, 24, &space)
	} else {
		i = skip(text, j, 8, &blank)
		if k := typed(text, i); text[j-1] == ':' && k > 0 { // token: string = "..."
			i = skip(text, k, 8, &blank)
		}
	}
	i = skip(text, i, 4, &opener)
	return i, i < len(text)
}

// equals returns the end of what stands for "is" at i, or -1.
func equals(text []byte, i int, closed bool) int {
	at := i
	if at+1 < len(text) && text[at] == '.' && text[at+1] == '=' {
		at++
	}
	if j := skip(text, at, 4, &operator); j > at {
		return j
	}
	if closed && i < len(text) && text[i] == ',' { // set("token", "..."): between two quoted texts
		if j := skip(text, i+1, 4, &blank); j < len(text) && quote[text[j]] {
			return i + 1
		}
		return -1
	}
	if j := isWordIs(text, i); j > 0 {
		return j
	}
	return typed(text, i)
}

// typed returns the end of a type and an equals sign at i, or -1: the middle of
// `var token string = "..."`.
func typed(text []byte, i int) int {
	j := skip(text, i, 16, &isWord)
	k := skip(text, j, 4, &blank)
	if j == i || k >= len(text) || text[k] != '=' {
		return -1
	}
	return k + 1
}

const maxName = 32

var (
	nameByte = table("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")
	closer   = table("\"'`[])\\0123456789")
	blank    = table(" \t")
	space    = table(" \t\r\n")
	quote    = table("\"'`")
	operator = table("=:>|?~!")
	opener   = table("\"'`@\\([{")

	// assignFollow are the bytes behind a name that is assigned to.
	assignFollow = bytesOf(func(c byte) bool { return nameByte[c] || closer[c] || blank[c] || operator[c] })
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
