package main

import (
	"strings"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// hostPatterns returns a matcher for patterns that are a host or "*.suffix"
// (which does not match the suffix itself).
func hostPatterns(patterns []string) func(host string) bool {
	exact, suffix := make(map[string]bool), make(map[string]bool)
	for _, p := range patterns {
		if rest, ok := strings.CutPrefix(p, "*."); ok {
			suffix[traffic.CanonicalHost(rest)] = true
			continue
		}
		exact[traffic.CanonicalHost(p)] = true
	}
	return func(host string) bool {
		if exact[host] {
			return true
		}
		for len(suffix) > 0 {
			_, rest, ok := strings.Cut(host, ".")
			if !ok {
				return false
			}
			if suffix[rest] {
				return true
			}
			host = rest
		}
		return false
	}
}
