//go:build race

package main

// raceEnabled is set where the race detector slows everything down.
const raceEnabled = true
