package dlp

import "strings"

// chinesePerson reads names of a surname and one or two characters: behind a role or a
// label, or before a title or what somebody does.
func chinesePerson(text []byte, i, j int) (from, to int) {
	after := readAfter(text, j)
	k := after.skipAny(0, 1, "的叫是为為")
	k = after.skipAny(k, 3, betweenNames)
	if n := chineseName(after.runes(k), false); n > 0 {
		return after.at[k], after.at[k+n]
	}
	before := readBefore(text, i)
	end := before.n
	for end > 0 && strings.ContainsRune(" 」』”》）", before.r[end-1]) {
		end--
	}
	for n := min(4, end); n >= 2; n-- {
		k := end - n
		if (k == 0 || chineseBorder(before.r[k-1])) && chineseName(before.r[k:end], true) == n {
			return before.at[k], before.at[end]
		}
	}
	return 0, 0
}

// chineseBorder reports whether a name may start behind r.
func chineseBorder(r rune) bool {
	return !isHan(r) || personEntries()["zh-border"].hasRune(r)
}

// chineseName returns how many of the characters at the start of r are a name. Where
// nothing in front tells of one, each of them must be of those that names have.
func chineseName(r []rune, bare bool) int {
	e := personEntries()
	surname := 0
	switch {
	case len(r) > 2 && e["zh-double"].has(string(r[:2])):
		surname = 2
	case len(r) > 1 && e["zh-surname"].hasRune(r[0]) && !e["zh-word"].has(string(r[:2])):
		surname = 1
	default:
		return 0
	}
	given := r[surname:]
	usual := func(k int) bool { return k < len(given) && e["zh-given"].hasRune(given[k]) }
	if !isHan(given[0]) || chineseFollows(given) || isChinesePublic(r) {
		return 0
	}
	weak := surname == 1 && e["zh-weak"].hasRune(r[0])
	if len(given) > 1 && isHan(given[1]) && (!chineseFollows(given[1:]) || len(given) == 2 && bare) {
		both := usual(0) && usual(1)
		if both || !weak && !bare && (usual(1) || usual(0) && chineseEnds(given[2:])) {
			return surname + 2
		}
	}
	if usual(0) && !weak && chineseEnds(given[1:]) && (!bare || surname == 2) {
		return surname + 1
	}
	return 0
}

// chineseEnds reports whether a name may end before r.
func chineseEnds(r []rune) bool { return len(r) == 0 || !isHan(r[0]) || chineseFollows(r) }

// chineseFollows reports whether r starts with a word that stands behind names.
func chineseFollows(r []rune) bool {
	after := personEntries()["zh-after"]
	return len(r) > 0 && after.hasRune(r[0]) || len(r) > 1 && after.has(string(r[:2]))
}

// isChinesePublic reports whether r starts with a name that all know.
func isChinesePublic(r []rune) bool {
	public := personEntries()["zh-public"]
	for n := 2; n <= min(4, len(r)); n++ {
		if public.has(string(r[:n])) {
			return true
		}
	}
	return false
}
