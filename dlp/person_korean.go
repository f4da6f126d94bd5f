package dlp

import "unicode"

func isHangul(r rune) bool { return unicode.Is(unicode.Hangul, r) }

// koreanPerson reads names of a surname and two syllables, with the particles behind
// them, on either side of a role or a title that a blank parts from them.
func koreanPerson(text []byte, i, j int) (from, to int) {
	after := readAfter(text, j)
	k := after.skipAny(0, 2, "인분님은는이가의")
	if k < after.n && !isHangul(after.r[k]) {
		if at := after.skipAny(k, 4, betweenNames); at > k {
			if n := koreanName(after.runes(at), false); n > 0 {
				return after.at[at], after.at[at+n]
			}
		}
	}
	before := readBefore(text, i)
	end := before.n
	title := string(text[i:j])
	attached := end > 0 && isHangul(before.r[end-1])
	if attached && title != "씨" && title != "님" {
		return 0, 0
	}
	for end > 0 && before.r[end-1] == ' ' {
		end--
	}
	at := end
	for at > 0 && isHangul(before.r[at-1]) {
		at--
	}
	if n := koreanName(before.r[at:end], true); n > 0 && n == end-at {
		return before.at[at], before.at[end]
	}
	return 0, 0
}

// koreanName returns how many syllables at the start of r are a name. Whole: nothing
// may follow it.
func koreanName(r []rune, whole bool) int {
	e := personEntries()
	run := runOf(r, isHangul)
	surname := 0
	switch {
	case run > 3 && e["ko-double"].has(string(r[:2])) && !e["ko-after"].has(string(r[3:run])):
		surname = 2
	case run > 2 && e["ko-double"].has(string(r[:2])) && e["ko-given"].hasRune(r[2]) && (run == 3 || e["ko-after"].has(string(r[3:run]))):
		return 3 // one syllable behind a surname of two
	case run > 2 && e["ko-surname"].hasRune(r[0]):
		surname = 1
	default:
		return 0
	}
	n := surname + 2
	if e["ko-none"].has(string(r[:3])) || surname == 1 && e["ko-noun"].has(string(r[:2])) && e["ko-particle"].hasRune(r[2]) {
		return 0
	}
	if !e["ko-given"].hasRune(r[surname]) || !e["ko-given"].hasRune(r[surname+1]) {
		return 0
	}
	if run > n && (whole || !e["ko-after"].has(string(r[n:run]))) {
		return 0
	}
	return n
}
