// Package sqlite keeps the register in one SQLite file, read and written in
// pure Go.
//
// A batch of sightings is one packed row. The figures (services, facets, usage)
// follow from the rows by Settle: every few seconds, and before they are read.
//
// One connection writes, a few read; the write-ahead log lets them work side by
// side, also in several processes. With synchronous=NORMAL what a method has
// returned for survives the end of the process by any signal; a crash of the
// whole machine may cost the last commits, never the soundness of the file.
package sqlite
