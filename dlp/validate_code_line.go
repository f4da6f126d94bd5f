package dlp

// What a line of code by itself is at least: so long, with so many marks of code.
const (
	leastCodeLine  = 60
	leastCodeMarks = 4
	mostCodeLine   = 1000 // bytes of it that are read
)

// cutCodeLine returns how much of a line that begins as code does is code: it ends
// behind the last mark of code, or at the end of the line if few words follow.
func cutCodeLine(match []byte) int {
	match = match[:min(len(match), mostCodeLine)]
	end := 0
	for i := len(match) - 1; i >= 0 && end == 0; i-- {
		if n := lineMark(match[i:]); n > 0 {
			end = i + n
		}
	}
	if rest := match[end:]; end > 0 && countWords(rest) <= 4 {
		return len(match)
	}
	return end
}

// codeInLine checks that value is long enough and has enough marks of code.
func codeInLine(value []byte) bool {
	if len(value) < leastCodeLine {
		return false
	}
	marks := 0
	for i := range value {
		if lineMark(value[i:]) == 0 {
			continue
		}
		if marks++; marks >= leastCodeMarks && marks*40 >= len(value) {
			return true
		}
	}
	return false
}

// lineMark returns the length of the mark of code that s begins with, or 0.
func lineMark(s []byte) int {
	if len(s) > 1 && !lineMarkPairs.has(s[0], s[1]) {
		return 0
	}
	for _, mark := range lineMarks.of[s[0]] {
		if len(s) >= len(mark) && string(s[:len(mark)]) == mark {
			return len(mark)
		}
	}
	return 0
}

// lineMarkPairs are the first two bytes of lineMarks.
var lineMarkPairs = func() (p pairSet) {
	for a, marks := range lineMarks.of {
		for _, mark := range marks {
			if len(mark) > 1 {
				p.add(byte(a), mark[1])
				continue
			}
			for b := range 256 {
				p.add(byte(a), byte(b))
			}
		}
	}
	return p
}()

// lineMarks stand in code that is written in a line.
var lineMarks = newMarks(
	"{ ", "{", "}", "();", ");", "; ", "()", "('", `("`, " = ", " == ", " != ", " += ", " -= ", " >= ", " <= ", " && ", " || ", "->", "=>", "===", "++",
	" | ", " -", " --", "$(", "${", " $", "$_", "<-", "%>%", ":=", ".map(", ".filter(", "[", " 2>", " > /",
	" FROM ", " WHERE ", " JOIN ", " ON ", " GROUP BY ", " ORDER BY ", " AND ", " SET ", " VALUES ", " INTO ", " HAVING ", " LIMIT ", " COUNT(", " SUM(",
	" from ", " where ", " join ", " group by ", " order by ", " values ", " having ", " limit ", "count(", "sum(", ".id")
