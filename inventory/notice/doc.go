// Package notice tells other systems what the ledger holds that is news to a
// security team. In: entries of the ledger, in order, each once it is on record,
// whoever wrote it. Out: notices, which are alerts (something a person must look
// at) and changes (of what is decided, allowed or in force).
//
// A Notice names nobody. People are pseudonyms, keys keyed hashes; what somebody
// wrote (reasons, conditions, names of tokens, texts of rules) stays in the ledger,
// where the number of the entry leads to it.
//
// Each gateway tells of all entries, also of those of others: none is missing
// when one gateway is lost. The id of a notice is that of its entry, so receivers
// tell repetitions by it.
package notice
