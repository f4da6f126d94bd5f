package dlp_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// forms are the ways in which people paste tables.
var forms = map[string]func(rows [][]string) string{
	"csv":        func(rows [][]string) string { return lines(rows, "", ",", "", "\n") },
	"quoted":     func(rows [][]string) string { return lines(rows, `"`, `","`, `"`, "\r\n") },
	"semicolons": func(rows [][]string) string { return lines(rows, "", ";", "", "\n") },
	"tabs":       func(rows [][]string) string { return lines(rows, "", "\t", "", "\n") },
	"markdown": func(rows [][]string) string {
		return lines(rows[:1], "| ", " | ", " |", "\n") + strings.Repeat("|---", len(rows[0])) + "|\n" + lines(rows[1:], "| `", "` | `", "` |", "\n")
	},
	"client": func(rows [][]string) string {
		rule := "+" + strings.Repeat("------+", len(rows[0])) + "\n"
		return rule + lines(rows[:1], "| ", " | ", " |", "\n") + rule + lines(rows[1:], "| ", " | ", " |", "\n") + rule
	},
	"drawn": func(rows [][]string) string {
		return lines(rows[:1], "│ ", " │ ", " │", "\n") + "├──────┼──────┤\n" + lines(rows[1:], "│ ", " │ ", " │", "\n")
	},
	"aligned": func(rows [][]string) string {
		var b strings.Builder
		for _, r := range rows {
			for _, c := range r {
				fmt.Fprintf(&b, "%-24s  ", c)
			}
			b.WriteString("\n")
		}
		return b.String()
	},
	"html": func(rows [][]string) string {
		return "<table><thead>\n" + lines(rows[:1], "<tr><th>", "</th><th>", "</th></tr>", "\n") + "</thead>" + lines(rows[1:], "<tr>\n<td><code>", "</code></td>\n<td class=x>", "</td></tr>", "\n") + "</table>"
	},
	"json": func(rows [][]string) string { return "[" + lines(rows, `["`, `", "`, `"],`, "\n") + "]" },
	"fields": func(rows [][]string) string {
		return `{"columns":` + lines(rows[:1], `["`, `","`, `"],"rows":[`, "") + lines(rows[1:], `["`, `","`, `"],`, "") + "]}"
	},
	"sql": func(rows [][]string) string {
		return "INSERT INTO t " + lines(rows[:1], "(`", "`, `", "`) VALUES\n", "") + lines(rows[1:], "('", "', '", "')", ",\n")
	},
}

func lines(rows [][]string, before, between, behind, end string) string {
	var b strings.Builder
	for _, r := range rows {
		b.WriteString(before + strings.Join(r, between) + behind + end)
	}
	return b.String()
}

// TestColumns: what stands below the head of a column is found in every form of a
// table, and nothing else.
func TestColumns(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	for _, heads := range [][]string{
		{"user", "password"}, {"Benutzer", "Kennwort"}, {"Nom", "Mot de passe"}, {"Usuario", "Contraseña"}, {"Логин", "Пароль"}, {"用户", "密码"}, {"ユーザー", "パスワード"}, {"login", "pass"}, {"user", "pw"},
	} {
		rows := [][]string{heads, {"bob", "kitchen42"}, {"ann", "S0nnig!9"}, {"carl", "sunshine"}, {"dora", "correct-horse-battery-staple"}}
		for name, form := range forms {
			text := "Sort these, please:\n\n" + form(rows) + "\nThanks!\n"
			var found []string
			for _, h := range s.ScanText([]byte(text), nil) {
				if h.Class == traffic.ClassSecret {
					found = append(found, text[h.Start:h.End])
				}
			}
			if want := []string{rows[1][1], rows[2][1], rows[3][1], rows[4][1]}; !slices.Equal(found, want) {
				t.Errorf("%s, %v: found %q, want %q", name, heads, found, want)
			}
		}
	}
}

// TestColumnsOfNumbers: numbers that need a word near them have it in the head,
// however far above them it stands.
func TestColumnsOfNumbers(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	rows := [][]string{{"Nr", "SSN", "date of birth", "account number"}}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 200 {
		rows = append(rows, []string{fmt.Sprint(i), fmt.Sprintf("%03d%02d%04d", 100+r.IntN(500), 10+r.IntN(80), 1000+r.IntN(8000)), fmt.Sprintf("19%02d-0%d-1%d", 40+i%50, 1+i%9, i%9), fmt.Sprintf("4%07d", r.IntN(9_000_000))})
	}
	for name, form := range forms {
		text := form(rows)
		found := make(map[string]int)
		for _, h := range s.ScanText([]byte(text), nil) {
			found[h.Detector]++
		}
		for _, d := range []string{"us_ssn", "date_of_birth", "bank_account_words"} {
			if found[d] < 190 {
				t.Errorf("%s: %d of 200 of %s, all: %v", name, found[d], d, found)
			}
		}
	}
}

// TestNoColumns: tables that describe fields, and what is no table.
func TestNoColumns(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	for _, text := range []string{
		"| Field | Type | Meaning |\n|---|---|---|\n| password | string2 | the password of user2 |\n| token2 | string3 | required |\n",
		"| User | Password |\n|---|---|\n| admin | required |\n| root | min. 8 chars |\n| bob | ******** |\n| ann | <password> |\n| x | changeme |\n| y | - |\n",
		"user, password = login(name, kitchen42)\nhost, port3 = dial(addr, retry55)\n",
		"func login(user, password string) error\nfunc dial(host, port443 string) error\n",
		"Enter your name, password, and code.\nWe need name, kitchen42, and code.\n",
		"usage:\n  --user      the name\n  --password  letmein2go\n",
		"foo(user, password)\nbar(name, letmein2go)\n",
		"want.SetBasicAuth(\"user\", \"pwd\")\nstoreCredential(\"api\", want.Header)\n",
		"[('password', 'secret'), ('realm', 'pypi'), ('server', 'server-login')]\n",
		"a,b\nuser,password\nbob,kitchen42\n",
	} {
		for _, h := range s.ScanText([]byte(text), nil) {
			if h.Class == traffic.ClassSecret {
				t.Errorf("%q: %s found %q", text, h.Detector, text[h.Start:h.End])
			}
		}
	}
}

// TestColumnsInStream: a table goes on in the windows of a stream, and ends.
func TestColumnsInStream(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	for name, form := range forms {
		rows := [][]string{{"user", "password", "note"}}
		for i := range 4_000 {
			rows = append(rows, []string{fmt.Sprintf("user%d", i), fmt.Sprintf("kitchen%05d", i), "ordinary words"})
		}
		text := []byte(form(rows) + strings.Repeat("\nA line of prose that is no row, by far.\n", 1000) + "x,dinner00001,y\n")
		want := s.ScanText(text, nil)
		want = slices.DeleteFunc(want, func(h dlp.Hit) bool { return h.Class != traffic.ClassSecret })
		if len(want) != 4_000 {
			t.Errorf("%s: %d found in the whole, want 4000", name, len(want))
		}
		n := 0
		st := s.Stream(0, func(f traffic.Finding) {
			if f.Class != traffic.ClassSecret {
				return
			}
			if n < len(want) && (f.Start != want[n].Start || f.End != want[n].End) {
				t.Fatalf("%s: finding %d is %q, want %q", name, n, text[f.Start:f.End], text[want[n].Start:want[n].End])
			}
			n++
		})
		if _, err := bytes.NewReader(text).WriteTo(st); err != nil {
			t.Fatal(err)
		}
		st.Close()
		if n != len(want) {
			t.Errorf("%s: %d found in a stream, %d in the whole", name, n, len(want))
		}
	}
}
