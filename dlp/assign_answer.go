package dlp

import "bytes"

// Bounds of an answer that stands on a line below the question.
const (
	maxAnswer  = 64 // bytes
	maxSpeaker = 40 // bytes of a time and a name in front of it
)

// answered returns where the value starts that stands alone on the line below
// what ends at i, or -1: "what's the password?", line break, "[10:03] Bob: X". Who
// speaks is only looked for below a question: below "password:" could be the name
// of a field.
func answered(text []byte, i int) int {
	question := text[i-1] == '?'
	line := skip(text, i, 12, &space)
	if bytes.IndexByte(text[i:line], '\n') < 0 {
		return -1
	}
	i = line
	if question {
		i = behindSpeaker(text, i)
	}
	end := i
	for end < len(text) && end-i <= maxAnswer && !space[text[end]] {
		end++
	}
	if end == i || end-i > maxAnswer {
		return -1
	}
	rest := skip(text, end, 4, &blank)
	if rest < len(text) && text[rest] != '\n' && text[rest] != '\r' {
		return -1
	}
	return i
}

// behindSpeaker returns what follows "Bob: " or "[10:03] Bob: " at i, else i.
func behindSpeaker(text []byte, i int) int {
	from := i
	for j := i; j+1 < len(text) && j-from < maxSpeaker && text[j] != '\n'; j++ {
		if text[j] == ':' && blank[text[j+1]] {
			i = j + 2
		}
	}
	return i
}
