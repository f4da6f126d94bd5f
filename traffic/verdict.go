package traffic

// How says by what evidence a flow was recognised as AI.
type How string

// The kinds of evidence, strongest first.
const (
	HowCatalogue           How = "catalogue"
	HowCatalogueUnverified How = "catalogue_unverified" // a domain that no public list confirms
	HowSharedHost          How = "shared_host"          // the host serves other things too: AI only under some paths
	HowRequestShape        How = "request_shape"
	HowResponseShape       How = "response_shape"
	HowLearnedAddress      How = "learned_address"
)

// Surface is the way in which a service is used.
type Surface string

// The surfaces.
const (
	SurfaceWeb      Surface = "web"
	SurfaceAPI      Surface = "api"
	SurfaceIDE      Surface = "ide"
	SurfaceCLI      Surface = "cli"
	SurfaceAgent    Surface = "agent"
	SurfaceEmbedded Surface = "embedded"
)

// Scope says how much of a host belongs to the AI service.
type Scope string

// The scopes. ScopeHost hosts are intercepted; the others are listed in the
// inventory and tunnelled unless an administrator names them in
// proxy.intercept.
const (
	ScopeHost    Scope = ""        // all of it
	ScopePath    Scope = "path"    // a shared host: only under the paths of the rule
	ScopeWebsite Scope = "website" // the tool's web site, or a broad host with AI somewhere inside
)

// Verdict says which AI service a flow goes to. The zero value means: not AI.
type Verdict struct {
	Service    string // name as in the catalogue; the host when the service is unknown
	ID         string // unique slug; "unknown:<host>" when the service is unknown
	Vendor     string
	Category   string
	Scope      Scope
	Surface    Surface
	How        How
	Confidence float64  // 0 to 1
	Features   []string // what led to it, for a reviewer; shared, never modified
}

// AI reports whether the flow goes to an AI service.
func (v *Verdict) AI() bool { return v.How != "" }

// Known reports whether the service is one of the catalogue.
func (v *Verdict) Known() bool {
	return v.How == HowCatalogue || v.How == HowCatalogueUnverified || v.How == HowSharedHost || v.How == HowLearnedAddress
}
