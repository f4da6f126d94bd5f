package inventory

import "strings"

// browsers are the words that tell a browser, the telling ones first: most name
// the others, too.
var browsers = []struct{ word, name string }{
	{"Edg", "edge"}, {"OPR/", "opera"}, {"Firefox/", "firefox"}, {"Chrome/", "chrome"}, {"Safari/", "safari"},
}

// agent returns the program behind a User-Agent without its version (RFC 9110,
// section 10.1.5): the product that comes first, or, where that says nothing but
// "Mozilla", the application or browser named later. "" when nothing is known.
func agent(userAgent string) string {
	product, rest, _ := strings.Cut(userAgent, "/")
	if product != "Mozilla" {
		return program(product)
	}
	for word := range strings.FieldsSeq(rest) {
		name, version, ok := strings.Cut(word, "/")
		if ok && version != "" && ours(name) {
			return program(name)
		}
	}
	for _, b := range browsers {
		if strings.Contains(rest, b.word) {
			return b.name
		}
	}
	return ""
}

// ours reports whether a product in a browser's User-Agent names an application
// that has a browser inside.
func ours(name string) bool {
	switch name {
	case "AppleWebKit", "Chrome", "Safari", "Gecko", "Firefox", "Version", "Mobile", "Edg", "EdgA", "EdgiOS", "OPR", "Electron", "HeadlessChrome", "CriOS", "FxiOS", "Chromium":
		return false
	}
	return name != "" && !strings.ContainsAny(name, "(;)")
}

// program brings the name of a product into its common form.
func program(name string) string {
	const longest = 48
	name = strings.ToLower(strings.TrimSpace(name))
	if name == "" || len(name) > longest || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' && r != ' ' || r > '~' }) {
		return ""
	}
	return strings.ReplaceAll(name, " ", "-")
}
