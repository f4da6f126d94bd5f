package rules

import "testing"

// BenchmarkEmbedded measures what every start of the program pays.
func BenchmarkEmbedded(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		var errs Errors
		readLayer(files, "embedded", &errs)
	}
}
