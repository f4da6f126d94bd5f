package dns

// Reason says what is wrong with a message. The set is closed.
type Reason uint8

// The reasons. The zero value means that nothing is wrong.
const (
	Fine             Reason = iota
	ReasonHeader            // the message ends in its header
	ReasonName              // a name that runs out of the message, is too long or has an unknown kind of label
	ReasonPointer           // a compression pointer that does not point backwards, or too many of them
	ReasonQuestion          // a question that ends before its type and class
	ReasonQuestions         // more questions than are read
	ReasonCounts            // the message ends where the header promises more records
	ReasonRecord            // a record that ends before its data does
	ReasonRecords           // more records, or more work to match their names, than is done
	ReasonData              // data of a record that do not fit its type
	ReasonECH               // a list of ECH configurations that is damaged
	ReasonTruncated         // its sender left out what did not fit (TC): what came is read
	ReasonIncomplete        // less of it came over TCP than its length says
	reasonCount
)

var reasonNames = [reasonCount]string{
	"", "dns_header", "dns_name", "dns_pointer", "dns_question", "dns_questions",
	"dns_counts", "dns_record", "dns_records", "dns_data", "dns_ech", "dns_truncated", "dns_incomplete",
}

// String returns the name of r as metrics and reports show it, "" for Fine.
func (r Reason) String() string {
	if r >= reasonCount {
		return "unknown"
	}
	return reasonNames[r]
}

// Reasons returns every reason that there is but Fine.
func Reasons() []Reason {
	all := make([]Reason, 0, reasonCount-1)
	for r := Fine + 1; r < reasonCount; r++ {
		all = append(all, r)
	}
	return all
}
