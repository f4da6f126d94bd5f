package inventory

import "time"

// Alert is what the ledger holds of something that a person must look at
// (TopicAlert). By is whoever noticed it; each is noted once.
type Alert struct {
	Kind     string    `json:"kind"`               // what it is: KeyInPrompt
	About    string    `json:"about"`              // a keyed hash or a pseudonym
	Text     string    `json:"text"`               // in words, with what to do
	Services []string  `json:"services,omitempty"` // ids
	Users    []string  `json:"users,omitempty"`    // pseudonyms, of clients where the user is not known
	Seen     time.Time `json:"seen"`
}

// KeyInPrompt is the kind of alert for an API key in use that stands in a
// prompt.
const KeyInPrompt = "key_in_prompt"

// LedgerPutBack is the kind of alert for entries of the ledger that the store
// had lost.
const LedgerPutBack = "ledger_put_back"

// LedgerChanged is the kind of alert for an entry of the ledger that is not what
// was written.
const LedgerChanged = "ledger_changed"

// AlertSubject names an alert in the ledger.
func AlertSubject(kind, about string) string { return kind + "=" + about }
