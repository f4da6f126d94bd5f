// Package register puts together the register of AI use, one row for each
// service and use case: in go what sensors saw, what the catalogue says and what
// people put on record; out come rows whose every field says where it is from,
// how sure that is, and what other sources say where they disagree.
//
// It reads and checks what people fill in, too. It keeps nothing: the ledger
// does.
package register
