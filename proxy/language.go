package proxy

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

//go:embed language.json
var languageJSON []byte

//go:embed own.html
var ownHTML string

// language is one in which the proxy's own pages speak.
type language struct {
	code  string
	texts map[string]string
	base  map[string]string // of the language that has every text

	own, notice *template.Template
}

// ownData is what the page of a person is made of.
type ownData struct {
	View    *OwnView
	Problem string
	Wish    OwnWish
	Token   string
	MayAsk  bool
}

// fallback is the language that has every text.
const fallback = "en"

// languages reads the embedded texts, once.
var languages = sync.OnceValue(func() map[string]*language {
	var texts map[string]map[string]string
	if err := json.Unmarshal(languageJSON, &texts); err != nil {
		panic("the embedded texts: " + err.Error()) // ours: a test reads them
	}
	all := make(map[string]*language, len(texts))
	for code, t := range texts {
		l := &language{code: code, texts: t, base: texts[fallback]}
		l.notice = template.Must(template.New("notice").Funcs(template.FuncMap{"t": l.sentence, "lang": func() string { return code }}).Parse(noticeHTML))
		l.own = template.Must(template.New("own").Funcs(template.FuncMap{
			"say": l.say, "word": l.word, "lang": func() string { return code },
			"date": date, "number": func(n int64) string { return strconv.FormatInt(n, 10) },
			"list": func(v ...any) []any { return v }, "join": func(l []string) string { return strings.Join(l, ", ") },
		}).Parse(ownHTML))
		all[code] = l
	}
	return all
})

func date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04 UTC")
}

// say returns a text, in English where the language lacks it.
func (l *language) say(key string, args ...any) string {
	text, ok := l.texts[key]
	if !ok {
		text = l.base[key]
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// word returns what a word of the record is in the language, else the word.
func (l *language) word(s string) string {
	if text, ok := l.texts["="+s]; ok {
		return text
	}
	return strings.ReplaceAll(s, "_", " ")
}

// sentence returns a sentence of a notice in the language, else in English.
func (l *language) sentence(s string) string {
	if text, ok := l.texts["~"+s]; ok {
		return text
	}
	return s
}

// maxAccept bounds the languages that are looked at.
const maxAccept = 20

// languageOf returns the language that a browser asks for (RFC 9110, section
// 12.5.4), of those that there are.
func languageOf(r *http.Request) *language {
	all := languages()
	best, quality := all[fallback], 0.0
	for i, part := range strings.Split(r.Header.Get("Accept-Language"), ",") {
		if i == maxAccept {
			break
		}
		tag, params, _ := strings.Cut(part, ";")
		code, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		q := 1.0
		if v, ok := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q="); ok {
			var err error
			if q, err = strconv.ParseFloat(v, 64); err != nil {
				continue
			}
		}
		if l := all[code]; l != nil && q > quality {
			best, quality = l, q
		}
	}
	return best
}
