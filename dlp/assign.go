package dlp

// assigned returns where the value starts that is assigned to the name whose
// keyword ends at i: after `_name`, `": "`, ` := "`, `=>`, ` is `, `>` and the
// like. It looks at a bounded number of bytes.
func assigned(text []byte, i int) (int, bool) {
	i = skip(text, i, maxName, &nameByte)
	i = skip(text, i, 3, &closer)
	i = skip(text, i, 4, &blank)
	j := i
	if j+1 < len(text) && text[j] == '.' && text[j+1] == '=' {
		j++
	}
	j = skip(text, j, 4, &operator)
	if j == i {
		if quoted := skip(text, i, 1, &quote); quoted > i && i > 0 && blank[text[i-1]] { // password "..."
			return quoted, quoted < len(text)
		}
		if j = isWordIs(text, i); j < 0 {
			return 0, false
		}
	}
	if text[j-1] == '>' { // the text of an element may stand on a line of its own
		i = skip(text, j, 24, &space)
	} else {
		i = skip(text, j, 8, &blank)
	}
	i = skip(text, i, 4, &opener)
	return i, i < len(text)
}

const maxName = 32

var (
	nameByte = table("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")
	closer   = table("\"'`])\\")
	blank    = table(" \t")
	space    = table(" \t\r\n")
	quote    = table("\"'`")
	operator = table("=:>|?~!")
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
