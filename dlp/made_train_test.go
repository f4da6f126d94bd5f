package dlp

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
)

// madeLines returns lines of what programs and people write that has no words of a language, or
// those for numbers: nothing is to be found in them, by what a sentence tells. Sentences to learn
// from have little of it.
func madeLines() (out []string) {
	r := rand.New(rand.NewPCG(11, 12))
	pick := func(list string) string {
		words := strings.Fields(list)
		return words[r.IntN(len(words))]
	}
	some := func(least, most int, apart string, f func() string) string {
		list := make([]string, least+r.IntN(most-least+1))
		for i := range list {
			list[i] = f()
		}
		return strings.Join(list, apart)
	}
	raw := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(r.IntN(256))
		}
		return b
	}
	text := func() string {
		return some(2, 9, " ", func() string {
			return pick("the a of and to it is we at on for old new house garden train number please look here report team coffee later again open line two more less")
		})
	}
	apart := func(s, by string) string { return strings.Join(strings.Split(s, ""), by) }
	codes := func(format, by string) string {
		list := make([]string, 0, 40)
		for _, c := range []byte(text()) {
			list = append(list, fmt.Sprintf(format, c))
		}
		return strings.Join(list, by)
	}
	front := func() string {
		return pick("id trace_id request run hash commit digest sum key_id version build see file row item at in from: the etag= ref: object blob node job")
	}
	kinds := []func() string{
		func() string {
			b := raw(16)
			return fmt.Sprintf("%s %x-%x-%x-%x-%x", front(), b[:4], b[4:6], b[6:8], b[8:10], b[10:])
		},
		func() string { return fmt.Sprintf("%s %x", front(), raw(4+r.IntN(30))) },
		func() string { return front() + " " + base64.StdEncoding.EncodeToString(raw(8+r.IntN(60))) },
		func() string {
			return some(2, 4, "\n", func() string { return base64.StdEncoding.EncodeToString(raw(45)) })
		},
		func() string { return some(3, 20, " ", func() string { return fmt.Sprintf("%02x", r.IntN(256)) }) },
		func() string { return some(3, 20, " ", func() string { return fmt.Sprintf("%08b", r.IntN(256)) }) },
		func() string { return some(2, 12, " ", func() string { return fmt.Sprint(r.IntN(1000)) }) },
		func() string {
			return some(2, 12, pick(", ; | /"), func() string { return fmt.Sprint(r.IntN(100000)) })
		},
		func() string {
			return fmt.Sprintf("%s %d.%d.%d.%d", pick("version Version AssemblyVersion FileVersion release v build firmware OID section chapter"), r.IntN(200), r.IntN(99), r.IntN(99), r.IntN(200))
		},
		func() string { return fmt.Sprintf("%q", raw(6+r.IntN(60))) },
		func() string { return fmt.Sprintf("%+q", string(raw(20))) + " + " + fmt.Sprintf("%q", raw(20)) },
		func() string { return apart(text(), pick(". - _ *")) },
		func() string { return apart(strings.ToUpper(text()), " ") },
		func() string { return codes("%d", " ") },
		func() string { return codes("%d", ", ") },
		func() string { return codes("0x%02x", ", ") },
		func() string { return codes("chr(%d)", " + ") },
		func() string { return codes("%%%02X", "") },
		func() string { return codes("&#%d;", "") },
		func() string {
			lists := []string{"zero one two three four five six seven eight nine ten double triple oh", "null eins zwei drei vier fünf sechs sieben acht neun zehn zwo", "zéro un deux trois quatre cinq six sept huit neuf dix vingt trente", "cero uno dos tres cuatro cinco seis siete ocho nueve diez", "zero uno due tre quattro cinque sei sette otto nove", "nul een twee drie vier vijf zes zeven acht negen", "zero um dois três quatro cinco seis sete oito nove", "zero jeden dwa trzy cztery pięć sześć siedem osiem dziewięć", "noll ett två tre fyra fem sex sju åtta nio", "ноль один два три четыре пять шесть семь восемь девять", "nula jedna dva tři čtyři pět šest sedm osm devět", "零 一 二 三 四 五 六 七 八 九", "sıfır bir iki üç dört beş altı yedi sekiz dokuz"}
			list := lists[r.IntN(len(lists))]
			return pick("ISBN number Nummer numéro número code call Konto order ticket line") + " " + some(4, 14, " ", func() string { return pick(list) })
		},
		func() string {
			return fmt.Sprintf("20%02d-%02d-%02dT%02d:%02d:%02dZ %s %s=%d %s=%dms %s=%s", r.IntN(30), 1+r.IntN(12), 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60), pick("INFO WARN DEBUG ERROR TRACE"), pick("status code size bytes rows n count"), r.IntN(900), pick("took elapsed latency duration"), r.IntN(9000), pick("level mode state kind op"), pick("ok done get put list sync read write"))
		},
		func() string {
			return some(4, 30, " ", func() string { return pick("and so on la da blah lorem ipsum dolor sit amet") })
		},
		func() string {
			return strings.Repeat(some(1, 4, " ", func() string {
				return pick("and so on la da blah the of to test ja und so weiter et y a b x again more very ha no yes name value password key user id")
			})+" ", 20+r.IntN(40))
		},
		func() string {
			return fmt.Sprintf("%s /%s HTTP/1.%d\r\nHost: %s:%d\r\nUser-Agent: %s/%d.%d\r\nAccept: */*\r\nContent-Length: %d\r\n", pick("GET POST PUT HEAD"), pick("a b/c index.html v1/items search"), r.IntN(2), pick("localhost example.com www.example.org 127.0.0.1"), []int{80, 443, 8080, 3000, 5432, 9090}[r.IntN(6)], pick("curl Mozilla ApacheBench Wget Go-http-client okhttp"), r.IntN(9), r.IntN(90), r.IntN(9000))
		},
		func() string {
			return some(6, 40, " ", func() string {
				return some(1, 4, "", func() string {
					return pick("ka lo mi ne su ta re vo pi da fu ge ho ju wa ze bri sto pla qui xe")
				})
			})
		},
		func() string {
			return some(6, 50, " ", func() string {
				word := make([]byte, 2+r.IntN(7))
				for i := range word {
					word[i] = byte('a' + r.IntN(26))
				}
				return string(word)
			})
		},
		func() string { return strings.Repeat(pick("= - * # ~ _ .")+pick("- = x"), 10+r.IntN(40)) },
	}
	for i := range mostMade {
		out = append(out, kinds[i%len(kinds)]())
	}
	return out
}

// mostMade is how many lines are made.
const mostMade = 4600
