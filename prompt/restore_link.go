package prompt

// A token within a URL stays a token: the page that shows an answer fetches its
// pictures at once, and an injected prompt may have the model put the token into
// the address of one, to get at the value. What has no host ("mailto:") is
// fetched from nobody.

// link is what is known of the run that a text ends in: the bytes since the last
// blank or quotation mark.
type link struct {
	in           bool // it is a URL with a host
	escape       bool // it ends in a backslash that escapes what follows
	before, last byte // its last bytes, without backslashes
}

// after returns what is known when text has come, too. Browsers take one slash
// after "https:", and no scheme before "//host", as well.
func (k link) after(text []byte, inJSON bool) link {
	for _, c := range text {
		escaped := k.escape
		k.escape = c == '\\' && !escaped
		switch {
		case isSpace(c), c == '"', c == '\'', c == '`', c == '<',
			inJSON && escaped && (c == 'n' || c == 'r' || c == 't'):
			k = link{}
		case k.in, c == '\\':
		default:
			k.in = c == '/' && (k.last == '/' || k.last == ':' && (k.before|0x20 == 'p' || k.before|0x20 == 's'))
			k.before, k.last = k.last, c
		}
	}
	return k
}
