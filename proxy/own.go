package proxy

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// OwnHost is the name under which the proxy shows people what is kept of them.
// No DNS knows it: only who uses the proxy gets there.
const OwnHost = "gnomon.proxy"

// Own knows what is kept of people. It is asked with what the connection shows,
// and with nothing that the client may choose; its methods are called
// concurrently.
type Own interface {
	See(ctx context.Context, who Asker) (*OwnView, error)
	// Ask puts a wish for an exception on record. The error is an *OwnError when
	// the person can do something about it.
	Ask(ctx context.Context, who Asker, w OwnWish) (id string, err error)
}

// Asker is who asks, as the sightings of the connection have it.
type Asker struct {
	User   string // of the proxy or of the leases; "": unknown
	Client netip.Addr
}

// OwnError is a mistake of who asks, in words for that person.
type OwnError struct{ Problem string }

func (e *OwnError) Error() string { return e.Problem }

// OwnWish is a wish for an exception.
type OwnWish struct {
	Service string `json:"service"` // name or id
	Rule    string `json:"rule"`
	Reason  string `json:"reason"`
	Until   string `json:"until"` // YYYY-MM-DD
}

// OwnView is what is kept of one person. Its JSON form is that of the page for
// programs.
type OwnView struct {
	Known      string         `json:"known"` // user, address, shared, device, nobody
	Name       string         `json:"name"`  // of the user or the address
	Requests   int64          `json:"requests"`
	FirstSeen  time.Time      `json:"first_seen,omitzero"`
	LastSeen   time.Time      `json:"last_seen,omitzero"`
	Services   []OwnService   `json:"services"`
	Data       []OwnCount     `json:"data"`      // kinds of data found
	Decisions  []OwnCount     `json:"decisions"` // of the policy, by action
	Models     []OwnCount     `json:"models"`
	Programs   []OwnCount     `json:"programs"`
	Groups     []OwnCount     `json:"departments"`
	Recent     []OwnSighting  `json:"recent"`
	Since      time.Time      `json:"recent_since,omitzero"`
	Partly     bool           `json:"recent_partly"`
	Retention  OwnRetention   `json:"retention"`
	Reviewers  []string       `json:"reviewers"` // who may allow that the name is shown
	Streams    []string       `json:"streams"`   // other systems that get the record, with pseudonyms
	Reveals    []OwnReveal    `json:"reveals"`
	Exceptions []OwnException `json:"exceptions"`
}

// OwnService is a service that was used.
type OwnService struct {
	Service   string    `json:"service"`
	ID        string    `json:"id"`
	Status    string    `json:"status"`
	Requests  int64     `json:"requests"`
	FirstSeen time.Time `json:"first_seen"`
	LastSeen  time.Time `json:"last_seen"`
}

// OwnCount is how often something was seen.
type OwnCount struct {
	Name  string `json:"name"`
	Count int64  `json:"count"`
}

// OwnSighting is one use, and what the policy said.
type OwnSighting struct {
	Time    time.Time `json:"time"`
	Service string    `json:"service"`
	ID      string    `json:"id"`
	Data    []string  `json:"data"`
	Action  string    `json:"action"`
	Rule    string    `json:"rule"`
	Why     string    `json:"why"` // what the rule says today
}

// OwnRetention says how long what is kept stays.
type OwnRetention struct {
	Sightings string `json:"sightings"`
	Hours     string `json:"hours"`
	Rollups   string `json:"rollups"`
	People    string `json:"names"`
	Values    string `json:"values,omitempty"` // that rules replace by tokens; "": no rule does
}

// OwnReveal is an occasion on which the name behind the pseudonym was shown.
type OwnReveal struct {
	Shown    time.Time `json:"shown"`
	By       string    `json:"shown_to"`
	Reviewer string    `json:"allowed_by"`
	Reason   string    `json:"reason"`
}

// OwnException is an exception that the person has asked for.
type OwnException struct {
	ID      string    `json:"exception"`
	State   string    `json:"state"`
	Service string    `json:"service"`
	Rule    string    `json:"rule"`
	Reason  string    `json:"reason"`
	Until   string    `json:"until"`
	Asked   time.Time `json:"requested"`
	Answer  string    `json:"answer"`
}

// isOwn reports whether a request is for the proxy's own pages.
func isOwn(r *http.Request) bool {
	return traffic.CanonicalHost(r.URL.Host) == OwnHost
}

// askURL is where a person asks for an exception from a refusal, "" when there
// is no such page.
func (s *Server) askURL(service, rule string) string {
	if s.cfg.Own == nil {
		return ""
	}
	return "http://" + OwnHost + "/me?" + url.Values{"service": {service}, "rule": {rule}}.Encode() + "#ask"
}

// asker returns who asks: as sightings of the connection would name them.
func (s *Server) asker(sess *session) Asker {
	f := sess.flow()
	f.Time = time.Now()
	s.pipeline.Identify(&f)
	return Asker{User: f.User, Client: f.Client}
}
