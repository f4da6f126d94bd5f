// Package assess brings together what packages risk and controls work on. In:
// the record of a period (inventory.Reader), the ledger (inventory.Book) and the
// rules. Out: the inputs of risk assessments, the risk register, reasons to
// assess again, the facts of a statement of applicability, and management
// metrics. It writes nothing.
package assess
