package main

import (
	"regexp"
	"strings"
)

// created is the one value in the stand-ins' answers that changes with time.
var created = regexp.MustCompile(`"created(_at)?":\d+`)

// stable removes what changes with time.
func stable(answer string) string { return created.ReplaceAllString(answer, "") }

// delta is the text of a piece of a streamed answer, in the forms of curl's
// calls.
var delta = regexp.MustCompile(`"(?:content|text)":"((?:[^"\\]|\\.)*)"`)

// joined returns the text of an answer as curl shows it. A stream has to be put
// together first: a shorter text is cut at other places, even inside the secret.
func joined(answer string) string {
	var b strings.Builder
	for _, m := range delta.FindAllStringSubmatch(answer, -1) {
		b.WriteString(m[1])
	}
	if b.Len() == 0 {
		return answer
	}
	return b.String()
}
