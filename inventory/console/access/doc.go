// Package access knows who may use the API: roles, and the tokens that carry
// them.
//
// In: the ledger, in which every token that was made or revoked is an entry, and
// the token of a request. Out: an identity with a role. Only the SHA-256 of a
// token is kept: a token is shown once, when it is made.
package access
