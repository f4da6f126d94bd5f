package inventory

// Field is what the ledger holds of a field of a register row that a person or
// an import filled in (TopicField; FieldSubject names the subject). Who and when
// are the entry's.
type Field struct {
	Value      string  `json:"value"`                // "" empties the field
	Source     string  `json:"source"`               // "person", or the file it was imported from
	Confidence float64 `json:"confidence,omitempty"` // 0 to 1; 0: not stated
	Reason     string  `json:"reason,omitempty"`
}

// Fields that decisions fill in, too.
const (
	FieldReview = "next_review" // YYYY-MM-DD
	FieldDeputy = "deputy"
)

// FromPerson is the source of what a person filled in by hand.
const FromPerson = "person"

// FieldSubject names a field of a row: row is the id of a service, or id/use
// case.
func FieldSubject(row, field string) string { return row + "#" + field }

// FieldValue returns what was last put into a field, "" when nothing was.
func (b *Book) FieldValue(row, field string) string {
	f, _, err := Newest[Field](b, TopicField, FieldSubject(row, field))
	if err != nil {
		return ""
	}
	return f.Value
}
