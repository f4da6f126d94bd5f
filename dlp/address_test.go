package dlp_test

import (
	"testing"
)

// TestWholeAddress holds that what belongs to a street is part of the finding, and
// what follows or precedes it is not.
func TestWholeAddress(t *testing.T) {
	s := newListScanner(t)
	for _, tt := range []struct{ name, text, want string }{
		{"flat before", "moved to Flat 3, 61 Cranbrook Road, London E8 2NP last month", "Flat 3, 61 Cranbrook Road, London E8 2NP"},
		{"lines", "Ship to:\n18 Larch Way\nNorwich NR3 2BD\n\nTotal", "18 Larch Way\nNorwich NR3 2BD"},
		{"plus signs", "addr=19+Rowan+Court,+Dublin+D04+X2P3&x=1", "19+Rowan+Court,+Dublin+D04+X2P3"},
		{"postcode alone shows it", "Paket an Im Winkel 3, 6020 Innsbruck abgeben", "Im Winkel 3, 6020 Innsbruck"},
		{"town before", "ide: 1052 Budapest, Váci utca 12. 3. em. 4.", "1052 Budapest, Váci utca 12. 3. em. 4."},
		{"stairs", "el inquilino de Paseo de Gracia 84, 2º 1ª, 08008 Barcelona se queja", "Paseo de Gracia 84, 2º 1ª, 08008 Barcelona"},
		{"Cyrillic", "адрес: г. Казань, ул. Баумана, д. 17, кв. 42", "г. Казань, ул. Баумана, д. 17, кв. 42"},
		{"Chinese", "地址:上海市浦东新区世纪大道1568号12楼", "上海市浦东新区世纪大道1568号12楼"},
		{"no number", "the Baker Street office is closed", ""},
		{"no street", "Platz 3, 12000 Teilnehmer", ""},
		{"public", "1600 Pennsylvania Avenue, Washington, DC 20500", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			for _, h := range s.ScanText([]byte(tt.text), nil) {
				got += tt.text[h.Start:h.End]
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
