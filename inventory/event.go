package inventory

import (
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// Event is a sighting as it is kept: people are pseudonyms, every string is
// bounded and valid UTF-8. Its JSON form is what the spool holds and what seals
// are computed over: keys keep their names, new ones are omitted when empty.
type Event struct {
	ID         string                `json:"id"`
	Time       time.Time             `json:"time"`
	Sensor     traffic.Sensor        `json:"sensor"`
	Origin     string                `json:"origin,omitempty"`
	Client     string                `json:"client,omitempty"` // pseudonym
	User       string                `json:"user,omitempty"`   // pseudonym
	Groups     []string              `json:"groups,omitempty"`
	Host       string                `json:"host"`
	Method     string                `json:"method,omitempty"`
	Path       string                `json:"path,omitempty"`
	UserAgent  string                `json:"user_agent,omitempty"`
	ServiceID  string                `json:"service_id"`
	Service    string                `json:"service"`
	Vendor     string                `json:"vendor,omitempty"`
	Category   string                `json:"category,omitempty"`
	Surface    traffic.Surface       `json:"surface,omitempty"`
	How        traffic.How           `json:"how"`
	Confidence float64               `json:"confidence,omitempty"`
	Features   []string              `json:"features,omitempty"`
	Account    Account               `json:"account,omitzero"`
	Model      string                `json:"model,omitempty"`
	Format     string                `json:"format,omitempty"`
	Findings   map[string]int        `json:"findings,omitempty"` // by detector
	Classes    map[traffic.Class]int `json:"classes,omitempty"`
	Prints     []string              `json:"prints,omitempty"`
	Action     traffic.Action        `json:"action,omitempty"`
	Rule       string                `json:"rule,omitempty"`
	Depth      traffic.Depth         `json:"coverage"`
	Why        string                `json:"coverage_reason,omitempty"`
	Requests   int64                 `json:"requests"`
	Up         int64                 `json:"bytes_up"`
	Down       int64                 `json:"bytes_down"`
	Code       int                   `json:"code,omitempty"`
	Took       time.Duration         `json:"took_ns,omitempty"`
	Noted      []string              `json:"noted,omitempty"`   // features of the flow, noted and not acted upon
	Agent      string                `json:"agent,omitempty"`   // program, from the User-Agent: "claude-cli", "firefox"
	Tools      []string              `json:"tools,omitempty"`   // declared or called
	Servers    []string              `json:"servers,omitempty"` // remote MCP servers
	Files      int64                 `json:"files,omitempty"`   // that the request carried; those of one that was blocked did not leave
	Blind      string                `json:"blind,omitempty"`   // kind of a blind spot: then this is no use of AI, and Host is what hides
	People     []Person              `json:"people,omitempty"`  // names behind pseudonyms that the store may not know yet
	Fresh      bool                  `json:"-"`                 // no store was ever given this event: it need not look for it
}

// Account is whose account at a service was used.
type Account struct {
	Kind         traffic.AccountKind `json:"kind"`
	Organisation string              `json:"organisation"`
	Plan         string              `json:"plan"`
	Key          string              `json:"key"` // keyed hash, never the key
}

// Person is the name behind a pseudonym, sealed.
type Person struct {
	ID     string `json:"id"`
	Sealed []byte `json:"sealed"`
}
