package dlp

import (
	"strings"
	"unicode"
)

// japanesePerson reads names behind a role ("社員の") or before a title ("様", "部長").
// Behind a role the surname must be one of the list; before さん and the like a word that
// stands for no role is a name.
func japanesePerson(text []byte, i, j int) (from, to int) {
	before := readBefore(text, i)
	after := readAfter(text, j)
	if !hasKana(before.runes(0)) && !hasKana(after.runes(0)) {
		return 0, 0 // Chinese
	}
	if k := japaneseBefore(&before, string(text[i:j])); k < before.n {
		return before.at[k], i
	}
	k := after.skipAny(0, 1, "の、は")
	k = after.skipAny(k, 2, betweenNames)
	if n := japaneseAfter(after.runes(k)); n > 0 {
		return after.at[k], after.at[k+n]
	}
	return 0, 0
}

func hasKana(r []rune) bool {
	for _, x := range r {
		if unicode.In(x, unicode.Hiragana, unicode.Katakana) {
			return true
		}
	}
	return false
}

func isKanji(r rune) bool { return isHan(r) || r == '々' || r == 'ヶ' }

func isKatakana(r rune) bool { return unicode.Is(unicode.Katakana, r) || r == 'ー' || r == '・' }

// runOf returns how many characters at the start of r is holds for.
func runOf(r []rune, is func(rune) bool) (n int) {
	for n < len(r) && is(r[n]) {
		n++
	}
	return n
}

// japaneseSurname returns how many characters at the start of r are a surname.
func japaneseSurname(r []rune) int {
	e := personEntries()
	for n := min(4, len(r)); n >= 2; n-- {
		if e["ja-surname"].has(string(r[:n])) {
			return n
		}
	}
	if len(r) > 0 && e["ja-surname-one"].hasRune(r[0]) {
		return 1
	}
	return 0
}

const (
	mostKanji  = 6 // of a name
	mostGivenJ = 3 // of a first name
)

// japaneseAfter returns how many characters at the start of r are a name.
func japaneseAfter(r []rune) int {
	if n := runOf(r, isKatakana); foreignName(r[:n]) {
		return n
	}
	run := runOf(r, isKanji)
	n := run
	for _, title := range []string{"様", "氏", "君", "殿", "先生", "部長", "課長", "係長", "主任", "社長", "店長"} {
		if s := string(r[:run]); strings.HasSuffix(s, title) {
			n = run - len([]rune(title))
			break
		}
	}
	if n == 0 || n > mostKanji || personEntries()["ja-none"].has(string(r[:n])) {
		return 0
	}
	surname := japaneseSurname(r[:n])
	given := n - surname
	switch {
	case surname == 0, given > mostGivenJ, surname == 1 && given == 0:
		return 0
	case given == 0 && len(r) > n && strings.ContainsRune("市県町村区都府", r[n]):
		return 0
	case given > 0 && !isGivenJapanese(r[surname:n]):
		return 0
	}
	return n
}

// isGivenJapanese reports whether one of the characters of r is of those that first
// names have, and the last is none that places and offices end in.
func isGivenJapanese(r []rune) bool {
	if strings.ContainsRune("市県町村区都府駅線号室課部局店社院校園館所署会", r[len(r)-1]) {
		return false
	}
	given := personEntries()["ja-given"]
	for _, x := range r {
		if given.hasRune(x) {
			return true
		}
	}
	return false
}

// foreignName reports whether r is a name in katakana with a dot in it.
func foreignName(r []rune) bool {
	k := strings.IndexRune(string(r), '・')
	return k > 3 && !strings.HasSuffix(string(r), "・") && !personEntries()["ja-none"].has(string(r))
}

// japaneseBefore returns where the name starts that ends before a title, or the end.
func japaneseBefore(b *letters, title string) int {
	r := b.runes(0)
	polite := personEntries()["ja-polite"].has(title)
	if !polite && !personEntries()["ja-title"].has(title) {
		return b.n
	}
	k := b.n
	for k > 0 && isKatakana(r[k-1]) {
		k--
	}
	if foreignName(r[k:]) && k > 0 {
		return k
	}
	hiragana := b.n
	for hiragana > 0 && b.n-hiragana < 4 && unicode.Is(unicode.Hiragana, r[hiragana-1]) {
		hiragana--
	}
	k = hiragana
	for k > 0 && isKanji(r[k-1]) {
		k--
	}
	if k == hiragana {
		return b.n
	}
	if tail := b.n - hiragana; tail > 0 { // 東雲あかりさん
		if tail >= 2 && hiragana-k >= 2 && japaneseSurname(r[k:hiragana]) == hiragana-k {
			return k
		}
		return b.n
	}
	for at := k; at < b.n-1; at++ { // behind a role that nothing parts from the name
		if at > k && !personEntries()["ja-role"].has(string(r[k:at])) {
			continue
		}
		if isJapaneseName(r[at:], at > 0 && strings.ContainsRune("おご", r[at-1]), polite) {
			return at
		}
	}
	if b.n-k == 1 && polite && personEntries()["ja-surname-one"].hasRune(r[k]) && title != "氏" {
		return k
	}
	return b.n
}

// isJapaneseName reports whether r, all of it, is a name before a title.
func isJapaneseName(r []rune, honoured, polite bool) bool {
	e := personEntries()
	if len(r) > mostKanji || e["ja-none"].has(string(r)) || e["ja-role"].has(string(r)) {
		return false
	}
	if n := japaneseSurname(r); n > 1 && len(r)-n <= mostGivenJ || n == 1 && len(r) > 1 && len(r) <= 4 && isGivenJapanese(r[1:]) {
		return true
	}
	return polite && !honoured && len(r) >= 2 && len(r) <= 5 && !strings.ContainsRune("者員師士官係長手人屋側社店会局課部室組団班家族親子客主妻夫娘嫁婿姫婦女男童児生徒弟妹兄姉母父祖僧侶神仏物事様方達等々中前後行協所署院校園館庁党職業隣", r[len(r)-1])
}
