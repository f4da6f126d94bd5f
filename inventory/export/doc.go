// Package export writes the register in the formats that people and programs
// take: JSON Lines, CSV and XLSX. In: rows; out: bytes. Names in the rows were
// chosen by strangers: no cell can become a formula.
package export
