//go:build race

package dlp_test

const raceEnabled = true
