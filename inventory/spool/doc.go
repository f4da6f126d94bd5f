// Package spool keeps records on disk while the place where they belong is
// away. In: batches of opaque records; out: the same records, oldest first, at
// least once each. What Append has returned for survives a crash of the process
// and of the machine.
//
// A spool is a folder of segments. A segment is a magic number and records,
// each with its length and checksum. A crash can only damage the tail of the
// newest segment; a damaged tail is cut off and counted.
//
// A journal is a file of the same form for records on their way elsewhere, which
// nobody waits for: it outlives the process alone, and is a segment after the next
// Open.
package spool
