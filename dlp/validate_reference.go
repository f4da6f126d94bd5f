package dlp

import (
	"bytes"
	"strings"
)

// eic checks an Energy Identification Code (ENTSO-E, EIC reference manual):
// sixteen letters, digits and dashes, of which the last makes the sum weighted
// from 16 down a multiple of 37.
func eic(value []byte) bool {
	const characters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-"
	if len(value) != 16 {
		return false
	}
	sum := 0
	for i, c := range value[:15] {
		x := strings.IndexByte(characters, c)
		if x < 0 {
			return false
		}
		sum += x * (16 - i)
	}
	return characters[36-(sum+36)%37] == value[15] && bytes.ContainsAny(value, "0123456789")
}
