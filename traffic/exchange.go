package traffic

import (
	"net/http"
	"net/url"
	"time"
)

// Need says how much of a request's body the pipeline wants to see.
type Need uint8

// The needs.
const (
	NeedNothing Need = iota // pass it on as it comes
	NeedShape               // the first ShapeBytes, to tell whether it is AI
	NeedAll                 // all of it, up to the limit of the settings
)

// ShapeBytes is how much of a body tells whether an unknown host is an AI
// service.
const ShapeBytes = 64 << 10

// Exchange is one request and its answer on their way through the gateway.
// One goroutine at a time owns it.
type Exchange struct {
	Flow   Flow
	Header http.Header // of the request; read only
	Query  url.Values  // of the request; never recorded
	// RawQuery is what of the query is to be inspected, as sent; never recorded.
	RawQuery string
	Body     []byte // decoded (no Content-Encoding); read only
	Cut      bool   // the body goes on after Body
	Need     Need
	From     Direction // "" for a request, else the sender of a WebSocket message

	Verdict  Verdict
	Status   Status // of the service in the register
	Account  Account
	Prompt   *Prompt
	Findings []Finding
	Decision Decision
	Coverage Coverage

	// Rewritten replaces Body when it is not nil, RewrittenQuery RawQuery when it
	// is not empty.
	Rewritten      []byte
	RewrittenQuery string

	// Exemptions are the exceptions that hold for the person behind the request.
	Exemptions []Exemption

	undecoded string // why Body stands as it came, in a coding that can't be read; "": it does not
	decoded   []byte // what could be decoded of it

	tokens Tokens  // of who speaks, nil: none
	talk   string  // the conversation that the latest message on a WebSocket has named
	stages *Stages // the snapshot that this exchange uses to its end
	start  time.Time
	done   bool
}

// Answer is what came back for a request.
type Answer struct {
	Code     int // HTTP status, 0 when there was none
	Header   http.Header
	Prefix   []byte // the first decoded bytes of the body, where they were read along
	Up, Down int64  // body bytes on the wire
}
