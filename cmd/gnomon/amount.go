package main

import (
	"cmp"
	"strconv"
)

// amount writes how many of something there are: "1 service", "2 services". many
// is the word for more than one where that is not one with an "s".
func amount[N ~int | ~int64](n N, one string, many ...string) string {
	word := one
	if n != 1 {
		if word = one + "s"; len(many) > 0 {
			word = cmp.Or(many...)
		}
	}
	return strconv.FormatInt(int64(n), 10) + " " + word
}
