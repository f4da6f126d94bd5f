// Package logs reads the logs that other systems write: web proxies, DNS
// resolvers, firewalls, network monitors. In: a file or stream, plain or
// compressed; out: one Record for each request, lookup or flow that a line
// tells of, and counts of the lines that could not be read, by reason.
//
// A log's format is recognised by its content. A line is cut where it lies: the
// strings of a Record lie in the block of the file that they were read from, which
// is used again, so that a line of the usual formats costs no allocation and a log
// of any length costs the same memory. What a parser keeps from one line to the
// next it copies. Every byte is hostile: a line is bounded, and a line
// that can't be read costs that line only.
//
// formats.go lists the formats; a file of the same name reads each of them.
package logs
