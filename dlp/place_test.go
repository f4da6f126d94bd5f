package dlp_test

import (
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
)

// TestPlainPair tells a place that nothing but its two numbers shows from figures.
func TestPlainPair(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	for text, want := range map[string]bool{
		"το σπίτι μου είναι στο 37.97945, 23.71622, γράψε οδηγίες":           true,
		"we left the spare key under the stone at -41.28664, 174.77557":      true,
		"Der Schlüssel liegt unter dem Stein bei 50,98413 / 11,03172, links": true,
		"'pickup': (45.81501, 15.98192), 'passenger': 'Ivana'":               true,
		"37.97945, 23.71622":                                                      false, // no words
		"a b 37.97945, 23.71622":                                                  false, // too few
		"these are our shares today: 0.48213, 0.31954":                            false, // near zero
		"the first two were 12.48213, 47.3195, as far as I know":                  false, // not alike
		"we had all of them: 11.20455, 12.48213, 47.31954":                        false, // a list
		"we had all of them: 12.48213, 47.31954, 11.20455":                        false,
		"we had 12.48213, 47.31954 and 11.20455":                                  false,
		"please call plot(12.48213, 47.31954) for me once more":                   false,
		"my variable was x = [12.48213, 47.31954] before the call":                false,
		"prices rose to 12.5000, 18.2500 in the year":                             false, // round
		"the average of both is 12.48213, 47.31954 as far as I know":              false,
		"the new board sits at 112.48213, 47.31954, which is no place on any map": false,
	} {
		if got := len(s.ScanText([]byte(text), nil)) > 0; got != want {
			t.Errorf("%q: found is %v", text, got)
		}
	}
}

// TestCompass reads points of the compass in words of several languages, and no others.
func TestCompass(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	for text, want := range map[string]bool{
		"abito a 40.85216 nord, 14.26811 est":                        true,
		"58.41086 norr och 15.62157 öst, sade hon":                   true,
		"55.75222° с. ш., 37.61556° в. д.":                           true,
		"48 Grad 8 Minuten 21 Sekunden Nord, 11 Grad 34 Minuten Ost": true,
		"40.85216 eggs, 14.26811 spoons":                             false,
		"48 Grad 8 Minuten backen, 11 Grad 34 Minuten kühlen":        false,
	} {
		if got := len(s.ScanText([]byte(text), nil)) > 0; got != want {
			t.Errorf("%q: found is %v", text, got)
		}
	}
}
