// Package document reads the text out of files. In: the bytes of a file that
// somebody sends to a service; out: its text with places, so that what is found
// at an offset can be named as a page, a sheet and cell, a slide or a file inside
// an archive, and a list of the parts that were not inspected, each with one of a
// closed set of reasons.
//
// The format is told by content, never by name. Text, HTML, CSV and unknown binary
// files given to Read keep their bytes, so that offsets are those of the file;
// of other formats the offsets are those of the extracted text.
//
// Files come from outside and lie: no size in them is believed, nothing touches
// the disk, nothing that a file refers to is fetched, entities that a file declares
// are not expanded. Depth, entries, bytes unpacked, bytes of text and time are bounded
// for the file with all that is inside it. What a limit cuts off is reported; what was
// read before stands.
package document
