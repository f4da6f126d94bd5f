package inventory

import (
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// Service is one row of the register.
type Service struct {
	Service   string                   `json:"service"`
	ID        string                   `json:"id"`
	Vendor    string                   `json:"vendor"`
	Category  string                   `json:"category"`
	Status    traffic.Status           `json:"status"`
	Owner     string                   `json:"owner"`
	Users     int64                    `json:"users"`
	Clients   int64                    `json:"clients"`
	Accounts  int64                    `json:"accounts"`
	Models    int64                    `json:"models"`
	Requests  int64                    `json:"requests"`
	Up        int64                    `json:"bytes_up"`
	Down      int64                    `json:"bytes_down"`
	FirstSeen time.Time                `json:"first_seen,omitzero"` // absent: decided upon, but never seen
	LastSeen  time.Time                `json:"last_seen,omitzero"`
	How       traffic.How              `json:"how"` // the strongest evidence so far
	Findings  map[traffic.Class]int64  `json:"findings"`
	Decisions map[traffic.Action]int64 `json:"decisions"`
	Coverage  Coverage                 `json:"coverage"`

	// Suppressed says that users or clients are withheld, and 0, as they are
	// fewer than a report may tell.
	Suppressed bool `json:"suppressed,omitempty"`

	// UsersAtLeast says that there are so many users, or more: a store keeps no
	// more names of one service.
	UsersAtLeast bool `json:"users_at_least,omitempty"`
	// ClientsAtLeast says so of clients.
	ClientsAtLeast bool `json:"clients_at_least,omitempty"`
}

// Coverage counts requests by how much of them was seen.
type Coverage struct {
	Inspected    int64 `json:"inspected"`
	MetadataOnly int64 `json:"metadata_only"`
	Blind        int64 `json:"blind"`
}

// Detail is all that the register knows of one service. Its lists are bounded.
type Detail struct {
	Service
	Reason       string           `json:"reason"`
	Conditions   []string         `json:"conditions"`
	Until        string           `json:"until"`
	AccountList  []AccountUse     `json:"accounts_seen"`
	ModelList    []Use            `json:"models_seen"`
	UserList     []Use            `json:"users_seen"` // pseudonyms
	ClientList   []Use            `json:"clients_seen"`
	Surfaces     []Use            `json:"surfaces"`
	Hosts        []Use            `json:"hosts"`
	Sensors      []Use            `json:"sensors"`
	Origins      []Use            `json:"origins"` // files and interfaces that it was seen in
	GroupList    []Use            `json:"departments_seen"`
	AgentList    []Use            `json:"agents_seen"` // programs
	ToolList     []Use            `json:"tools_seen"`
	ServerList   []Use            `json:"servers_seen"`   // remote MCP servers
	EndpointList []Use            `json:"endpoints_seen"` // templates of paths
	Files        map[string]int64 `json:"files"`          // in prompts, as often as they were sent: sent and blocked
	Noted        []Use            `json:"noted"`          // features of flows that are not acted upon: token_stream
	Features     []string         `json:"features"`       // what led to the verdict
	Detectors    map[string]int64 `json:"detectors"`
	Rules        map[string]int64 `json:"rules"`
	Reasons      map[string]int64 `json:"coverage_reasons"`
	History      []Decision       `json:"history"` // oldest first
}

// Subject is a user, client, API key, model, group, agent, tool or MCP server.
type Subject struct {
	Kind      Kind           `json:"kind"`
	Name      string         `json:"name"` // users and clients by pseudonym, keys by keyed hash
	Requests  int64          `json:"requests"`
	Up        int64          `json:"bytes_up"`
	Down      int64          `json:"bytes_down"`
	FirstSeen time.Time      `json:"first_seen"`
	LastSeen  time.Time      `json:"last_seen"`
	Counts    map[Kind]int64 `json:"counts"` // how many services, users ... go with it

	// Suppressed says that the figures are withheld, as they would tell about
	// fewer people than a report may: they are 0 then, and no counts are there.
	Suppressed bool `json:"suppressed,omitempty"`
}

// SubjectDetail is all that is known of a subject. Its lists are bounded, the
// most used first.
type SubjectDetail struct {
	Subject
	Facets map[Kind][]Use `json:"facets"`
}

// BlindSpot is something that hid what clients did: a resolver behind TLS, a VPN.
type BlindSpot struct {
	Reason     string    `json:"reason"` // doh, vpn, ...
	Name       string    `json:"name"`   // of the resolver, relay or VPN; "" when only the reason is known
	Clients    int64     `json:"clients"`
	Flows      int64     `json:"flows"`
	FirstSeen  time.Time `json:"first_seen"`
	LastSeen   time.Time `json:"last_seen"`
	ClientList []Use     `json:"clients_seen"`         // pseudonyms; those with the most flows
	Suppressed bool      `json:"suppressed,omitempty"` // clients are withheld, and 0
}

// Add adds what one client ("" when unknown) did, and lists it while there are
// fewer than limit.
func (b *BlindSpot) Add(u Use, limit int) {
	b.Flows += u.Requests
	if u.FirstSeen.Before(b.FirstSeen) {
		b.FirstSeen = u.FirstSeen
	}
	if u.LastSeen.After(b.LastSeen) {
		b.LastSeen = u.LastSeen
	}
	if u.Name == "" {
		return
	}
	b.Clients++
	if len(b.ClientList) < limit {
		b.ClientList = append(b.ClientList, u)
	}
}

// Use is one value that was seen with a service.
type Use struct {
	Name      string    `json:"name"`
	Requests  int64     `json:"requests"`
	Up        int64     `json:"bytes_up"`
	Down      int64     `json:"bytes_down"`
	FirstSeen time.Time `json:"first_seen"`
	LastSeen  time.Time `json:"last_seen"`

	Suppressed bool `json:"suppressed,omitempty"` // the figures are withheld, and 0: see Subject
}

// AccountUse is an account that was seen with a service.
type AccountUse struct {
	Account
	Requests  int64     `json:"requests"`
	Up        int64     `json:"bytes_up"`
	Down      int64     `json:"bytes_down"`
	FirstSeen time.Time `json:"first_seen"`
	LastSeen  time.Time `json:"last_seen"`
}
