package traffic

// Prompt is what a person or a program says to an AI service in one request.
// Its texts may alias the body that it was read from: it must not outlive it.
type Prompt struct {
	Format       string // the reader that understood the body: "openai.chat", "anthropic.messages", "json", ...
	Model        string
	Conversation string
	Stream       bool
	Account      Account // what the body says of it; the classifier adds the headers
	Parts        []Part
	Unread       []string // why something in it was not read: reasons as in Coverage
	Gaps         []Gap    // what that is, as far as it is known
	Tools        []string // names of the tools that are declared or called: see UseTool
	Servers      []string // remote MCP servers: see UseServer
	Service      string   // that it is sent to, by name
	ServiceID    string   // and id: some values are no findings there
	Files        int      // that are attached or uploaded in this request, read or not
	Signed       bool     // the body is covered by a signature: it can't be rewritten

	// Release gives back what the texts of documents borrowed, when they have been
	// scanned and are gone; nil: nothing.
	Release func()
}

// Gap is a part of an attached file that was not read.
type Gap struct {
	Part   int    // index into Prompt.Parts
	Place  string // in the file: page, picture, file inside; "" is all of it
	Reason string // in words: "encrypted", "image"
	Detail string // what kind of thing it is: "image/png"
}

// heard reports whether any text of it was read that is more than metadata: a
// picture and its file name alone say nothing.
func (p *Prompt) heard() bool {
	for i := range p.Parts {
		if len(p.Parts[i].Text) > 0 && p.Parts[i].Kind != PartMetadata {
			return true
		}
	}
	return false
}

// release drops the texts of documents, which were made for the scan alone.
func (p *Prompt) release() {
	if p.Release == nil {
		return
	}
	for i := range p.Parts {
		if p.Parts[i].Place != nil {
			p.Parts[i].Text, p.Parts[i].Place = nil, nil
		}
	}
	p.Release()
	p.Release = nil
}

// unread returns the gravest reason for which something was not read: pictures
// are everywhere, and no reason to hide another one.
func (p *Prompt) unread() string {
	for _, r := range p.Unread {
		if r != ReasonFormat {
			return r
		}
	}
	if len(p.Unread) > 0 {
		return ReasonFormat
	}
	return ""
}

// PartKind says what a part of a prompt is.
type PartKind string

// The kinds of parts.
const (
	PartText           PartKind = "text"
	PartSystem         PartKind = "system"
	PartFile           PartKind = "file"
	PartImage          PartKind = "image"
	PartAudio          PartKind = "audio"
	PartToolDefinition PartKind = "tool_definition"
	PartToolCall       PartKind = "tool_call"
	PartToolResult     PartKind = "tool_result"
	PartMetadata       PartKind = "metadata"
)

// Part is one text of a prompt with its place in the body.
type Part struct {
	Role string // as sent: "user", "system", "tool", ...
	Kind PartKind
	Name string // of the file or tool
	Text []byte // decoded; aliases the body where nothing had to be decoded

	// Start and End delimit the encoded text in the body (without quotation
	// marks); Layers says how it is encoded there, outermost first. No layer
	// means that Text is body[Start:End].
	Start, End int
	Layers     []Layer

	// Query says that it stands in the query: Start and End are places there.
	// Credential says that a secret stands there by right, as a service wants it.
	Query, Credential bool

	// Place tells where in a document the byte of Text at off stood: page, cell,
	// file inside. A part that has it was read out of a file and can't be written
	// back. nil: Text stands in the body.
	Place func(off int) string
}

// Layer is one encoding between a part's text and the bytes of the body.
type Layer uint8

// The layers.
const (
	LayerJSON   Layer = iota + 1 // the inside of a JSON string (RFC 8259, section 7)
	LayerForm                    // application/x-www-form-urlencoded
	LayerBase64                  // standard alphabet, rewritten as a whole
	LayerNumber                  // a bare JSON number, rewritten as a JSON string
)

// Edit replaces Text[Start:End] of a part.
type Edit struct {
	Part       int
	Start, End int
	With       string
}

// AccountKind says whose account is used at a service.
type AccountKind string

// The kinds of accounts; "" means unknown.
const (
	AccountPersonal  AccountKind = "personal"
	AccountCorporate AccountKind = "corporate"
	AccountAPIKey    AccountKind = "api_key"
	AccountAnonymous AccountKind = "anonymous"
)

// Account is whose account at the service a request used.
type Account struct {
	Kind         AccountKind
	Organisation string // the service's own id: organisation, workspace, tenant, project
	Plan         string
	Key          string // keyed hash of the API key, see Key.Hash; never the key
}

// or fills what a does not know from b.
func (a Account) or(b Account) Account {
	if a.Kind == "" {
		a.Kind = b.Kind
	}
	if a.Organisation == "" {
		a.Organisation = b.Organisation
	}
	if a.Plan == "" {
		a.Plan = b.Plan
	}
	if a.Key == "" {
		a.Key = b.Key
	}
	return a
}
