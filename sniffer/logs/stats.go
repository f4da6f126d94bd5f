package logs

// Reason says why a line could not be read. The set is closed.
type Reason string

// The reasons.
const (
	ReasonTime    Reason = "time"     // no time where the format has one, not a time, or one that is still to come
	ReasonClient  Reason = "client"   // the client is not an address
	ReasonHost    Reason = "host"     // no host where the format has one
	ReasonNumber  Reason = "number"   // a count, status or port is not a number
	ReasonColumns Reason = "columns"  // too few columns, or the header was never seen
	ReasonJSON    Reason = "json"     // not a JSON object, or cut short
	ReasonQuoting Reason = "quoting"  // a quote or an escape that does not end
	ReasonFormat  Reason = "format"   // not a line of this format
	ReasonTooLong Reason = "too_long" // longer than maxLine
	ReasonFault   Reason = "fault"    // our own bug: the line made a parser panic
)

// verdict is what a parser makes of one line.
type verdict uint8

const (
	yes     verdict = iota // the record is filled
	nothing                // a header, a comment, or a line that says nothing on its own
	badTime
	badClient
	badHost
	badNumber
	badColumns
	badJSON
	badQuoting
	badFormat
	tooLong
	fault
	passed   // of another program, in a log of several
	verdicts // their number
)

// reason returns the public name of a verdict other than yes and nothing.
func (v verdict) reason() Reason {
	return [verdicts]Reason{"", "", ReasonTime, ReasonClient, ReasonHost, ReasonNumber, ReasonColumns,
		ReasonJSON, ReasonQuoting, ReasonFormat, ReasonTooLong, ReasonFault, ReasonFormat}[v]
}

// Stats says how an import went.
type Stats struct {
	Lines    int64            // all that were read
	Records  int64            // those that told something
	Skipped  map[Reason]int64 // those that could not be read
	Examples []Example        // the first of those
	Notes    []string         // what had to be assumed, such as a year
}

// Example is a line that could not be read. It never holds the line itself: a
// line may be personal.
type Example struct {
	Line   int64 // from 1
	Offset int64 // of the line's first byte, in the decompressed text
	Reason Reason
}
