package rules

// Signal is one feature of the wire that speaks for an AI service which the
// catalogue does not know, or that tells whose account is used and from what
// kind of client (rules/signals/*.yaml; its README.md explains the kinds). The
// classifier adds up the weights of those that it sees.
type Signal struct {
	Name     string   `yaml:"name"` // the feature as a reviewer reads it
	Kind     string   `yaml:"kind"` // one of the Signal constants
	Values   []string `yaml:"values"`
	AtLeast  int      `yaml:"at_least"` // how many values must be seen; 0 means one
	Weight   float64  `yaml:"weight"`   // 0 to 1; 0.5 in all make an AI service
	Comment  string   `yaml:"comment"`
	Disabled bool     `yaml:"disabled"` // in an overlay: removes the signal of that name
	Source   Position `yaml:"-"`
}

// The kinds of signals.
const (
	// These add up.
	SignalPath           = "path"            // end of the path, or part of it where the value ends in "/"
	SignalHeader         = "header"          // "name", "name*" or "name: start of the value" ("*" first: part of it)
	SignalUserAgent      = "user_agent"      // part of the user agent
	SignalHostName       = "host_name"       // label of the host, or part of one between dashes; for lists of look-alikes only
	SignalBody           = "body"            // JSON paths of the request body: "model=* & messages[].role=user|system"
	SignalResponseHeader = "response_header" // as SignalHeader
	SignalAnswer         = "answer"          // as SignalBody, of the answer; "event: x" and "data: x" for lines of a stream

	// These describe the account.
	SignalAccount      = "account"               // "host/path" pattern with {org} or {plan}
	SignalWorkAccount  = "work_account"          // the same where only corporate accounts exist
	SignalAnonymous    = "anonymous"             // "host/path" pattern of use without an account
	SignalOrganisation = "organisation_header"   // request header that holds the organisation
	SignalAnswerOrg    = "organisation_response" // response header that does
	SignalKeyHeader    = "key_header"            // header that holds an API key
	SignalKeyQuery     = "key_query"             // query parameter that does
	SignalKeyPrefix    = "key_prefix"            // start of API keys
	SignalSession      = "session_prefix"        // start of bearer tokens that are a person's session
	SignalPersonalPlan = "personal_plan"         // plan names
	SignalWorkPlan     = "work_plan"

	// These tell the surface: part of the user agent.
	SignalSurfaceAPI   = "surface_api"
	SignalSurfaceCLI   = "surface_cli"
	SignalSurfaceIDE   = "surface_ide"
	SignalSurfaceAgent = "surface_agent"
	SignalSurfaceWeb   = "surface_web"
)
