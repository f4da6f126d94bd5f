package dlp_test

import (
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// TestReplacedStays replaces the findings of texts twice: what stands for a value is
// none itself, and rows whose cells are gone are no table of people.
func TestReplacedStays(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	for _, text := range []string{
		"my password is hunter2x!Q and the card 4539148803436467",
		"password: hunter2x!Q\ntoken: AKIAZ7Q4MNPLK3WXR2TJ\n",
		"DATABASE_URL=postgres://app:hunter2xQ@db.acme.de:5432/app\n",
		"user,password\nbob,sunshine\nann,dragonfly\n",
		"id,name,email\n1,Eva Pagamo,eva@acme.de\n2,Tom Berg,tom@acme.de\n3,Ann Kay,ann@acme.de\n",
		"| Vorname | Nachname | Ort |\n|---|---|---|\n| Eva | Pagamo | Bonn |\n| Tom | Berg | Trier |\n",
	} {
		for _, style := range []traffic.Style{traffic.StylePlaceholder, traffic.StyleMask, traffic.StyleHash} {
			once := replaceAll(s, style, text)
			if once == text {
				t.Errorf("nothing is found in %q", text)
			}
			if twice := replaceAll(s, style, once); twice != once {
				t.Errorf("%s: %q became %q", style, once, twice)
			}
		}
	}
	for _, text := range []string{"password: [secret:fc27bef4b5160f4]", "password: [secrets:fc27bef4b5160f4d]", "password: secret:fc27bef4b5160f4d]"} {
		if len(s.ScanText([]byte(text), nil)) == 0 {
			t.Errorf("nothing is found in %q, which looks like what takes the place of a value", text)
		}
	}
}

func replaceAll(s *dlp.Scanner, style traffic.Style, text string) string {
	out, at := "", 0
	for _, f := range s.Scan(&traffic.Prompt{Parts: []traffic.Part{{Kind: traffic.PartText, Text: []byte(text)}}}) {
		out += text[at:f.Start] + style.Replace(&f, []byte(text))
		at = f.End
	}
	return out + text[at:]
}
