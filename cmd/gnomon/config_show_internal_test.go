package main

import "testing"

// The path of a webhook is its secret at many services.
func TestWithoutPath(t *testing.T) {
	for to, want := range map[string]string{
		"https://hooks.example/services/T0/secret": "https://hooks.example/...",
		"https://hooks.example":                    "https://hooks.example",
		"file:///var/log/gnomon.json":              "file:///var/log/gnomon.json",
		"syslog+tls://siem.example:6514":           "syslog+tls://siem.example:6514",
		"otlp+https://otel.example:4318/v1/logs":   "otlp+https://otel.example:4318/v1/logs",
	} {
		if got := withoutPath(to); got != want {
			t.Errorf("withoutPath(%q) = %q, want %q", to, got, want)
		}
	}
}
