// Package vault keeps what was taken out of prompts for as long as it may have
// to be put back into answers.
//
// In goes a value that a rule says to pseudonymise, with whose it is; out comes
// a token that stands for it, such as [EMAIL_7Q2KMX]. Later the names of the
// tokens of the same speaker come out, and the value behind each.
//
// A token belongs to one speaker, at one service, in one conversation. It is
// made by a keyed hash of all that and the value: the same value gets the same
// token turn after turn, on every gateway that has the key, and nobody without
// the key can test a guess. It says nothing anywhere else: to another speaker it
// is text. Where a wire format names no conversation, and in the first turn of
// those that name one later, the conversation is all that the speaker says at
// the service; such tokens are restored in the named conversations too.
//
// Values are encrypted (AES-256-GCM) under a key that the deployment's key
// leads to. Their number is bounded in each conversation, that of conversations
// and the bytes of all in the vault; what is longest unused goes first. What is
// not used for a while is wiped, and all of a person's at once on demand.
package vault
