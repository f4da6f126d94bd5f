package dlp

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// The points of the compass as words and letters, those of latitudes first. What stands
// behind a star of one letter is that letter alone, or an abbreviation in full.
var (
	latitudePoints = newPoints(`north nord norte noord norra norr south sud sur sul süd zuid syd sør södra půln połud północ płn płd kuzey güney észak dél pohjo etelä
		utara selatan север юг южн северн північ південь пів пнш пдш сш юш sš jš seves jih ész βόρ νότ bắc nam 北 南 북 남 شمال جنوب उत्तर दक्षिण`,
		`n s k g z p é d j e u с ю β ν`)
	longitudePoints = newPoints(`east est este ost oost leste öst øst west ouest oeste ovest väst vest wsch zach doğu batı kelet nyugat itä länt
		timur barat восток восточн запад западн схід захід сх зх вд зд схд зхд vd zd výcho zápa ανα δυτ đông tây 东 東 西 동 서 شرق غرب पूर्व पश्चिम`,
		`e w o k d b l v i ø ö t в з α δ`)
)

// points are words of the compass.
type points struct {
	starts []string
	whole  map[string]bool
}

func newPoints(starts, whole string) *points {
	p := &points{starts: strings.Fields(starts), whole: make(map[string]bool)}
	for _, w := range strings.Fields(whole) {
		p.whole[w] = true
	}
	return p
}

// named reports whether the letters of text are a word for one of the points: "° с. ш." is.
func (p *points) named(text []byte) bool {
	var buf [64]byte
	word := buf[:0]
	for _, c := range bytes.ToLower(text[:min(len(text), 48)]) {
		if isAlpha(c) || c >= utf8.RuneSelf {
			word = append(word, c)
		}
	}
	for len(word) > 0 { // the sign of degrees, minutes or seconds
		r, n := utf8.DecodeRune(word)
		if !strings.ContainsRune("°º˚’′´”″", r) {
			break
		}
		word = word[n:]
	}
	if p.whole[string(word)] {
		return true
	}
	for _, w := range p.starts {
		if bytes.HasPrefix(word, []byte(w)) {
			return true
		}
	}
	return false
}

// compass checks a latitude and a longitude with a point of the compass behind each.
func compass(value []byte) bool {
	last := len(value)
	for last > 0 && !isDigit(value[last-1]) {
		last--
	}
	if !longitudePoints.named(lastWords(value[last:])) {
		return false
	}
	for i := 1; i < last; i++ { // one of the gaps between the numbers holds the other point
		if isDigit(value[i]) || !isDigit(value[i-1]) {
			continue
		}
		end := i
		for end < last && !isDigit(value[end]) {
			end++
		}
		if end-i > 1 && latitudePoints.named(lastWords(value[i:end])) {
			return true
		}
	}
	return false
}

// lastWords leaves out the name of the unit that stands in front of a point, and what
// parts two numbers: of " Sekunden Nord, " it is "Nord".
func lastWords(text []byte) []byte {
	text = bytes.TrimRight(text, " ,;/|-–—")
	for _, unit := range []string{"and", "und", "et", "y", "e", "og", "och", "i", "и", "та", "ve", "en"} {
		if t, ok := bytes.CutSuffix(text, []byte(" "+unit)); ok && len(bytes.TrimSpace(t)) > 0 {
			text = bytes.TrimRight(t, " ,;/|-–—")
			break
		}
	}
	if k := bytes.LastIndexByte(text, ' '); k > 0 && text[k-1] != '.' { // "с. ш." is one word
		return text[k:]
	}
	return text
}
