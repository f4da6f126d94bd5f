package prompt

import (
	"bytes"
	"slices"

	"github.com/gnomon-proxy/gnomon/traffic"
)

const (
	jsonLayer = traffic.LayerJSON

	// minMetadata is the length below which a string at an unknown place can't
	// be anything that matters.
	minMetadata = 4
	// minKey is the same for the names of members, which are rarely data.
	minKey = 20
	// minNumber is the length from which a number may be a card or an identity
	// number rather than a count.
	minNumber = 9
	// maxID bounds how far an id or a name is looked at.
	maxID = 96
	// maxShape bounds what is believed to be a model or an id.
	maxShape = 128
	// maxNesting bounds how often JSON in a string of JSON is read into.
	maxNesting = 4
	// maxParts bounds the parts of a prompt: a list of a million letters must
	// not cost a hundred times its size. The rest is read as one text.
	maxParts = 1 << 17
)

// reader collects the parts of a prompt from one JSON text.
type reader struct {
	prompt *traffic.Prompt
	files  *files
	src    []byte
	origin *origin         // nil when src is the body
	bare   []traffic.Layer // how src is encoded in the body
	inside []traffic.Layer // how the inside of its strings is
	number []traffic.Layer // how its numbers are, made when needed
	frame  frame
	walker walker

	strange bool // a string stood where the format knows none
}

// frame holds what is known of the innermost object that has a role or a name.
type frame struct {
	role, name string
	server     string // remote MCP server that it declares
	first      int    // index of its first part
}

// origin tells where in the body a decoded text came from.
type origin struct {
	at     int // place of the encoded text in the text that it was found in
	cursor cursor
	of     *origin
}

func (o *origin) span(start, end int) (int, int) {
	if o == nil {
		return start, end
	}
	start, end = o.at+o.cursor.start(start), o.at+o.cursor.end(end)
	return o.of.span(start, end)
}

// newReader returns a reader for src, which comes from o in the encoding of
// layers.
func newReader(p *traffic.Prompt, f *files, src []byte, o *origin, layers []traffic.Layer) *reader {
	return &reader{prompt: p, files: f, src: src, origin: o, bare: layers, inside: append(slices.Clip(layers), jsonLayer)}
}

// read collects what stands in src from start on. What is no JSON becomes one
// plain text: the whole, or what is left after the first strings. It reports
// whether any of it was JSON.
func (r *reader) read(root *node, start int) bool {
	first := len(r.prompt.Parts)
	w := &r.walker
	*w = walker{src: r.src, pos: start, to: r}
	p := w.values(root)
	switch {
	case p == whole, p == cut && len(r.prompt.Parts) > first:
		return true
	case len(r.prompt.Parts) > first:
		r.plain(root.use, w.pos, len(r.src))
		return true
	}
	r.plain(root.use, start, len(r.src))
	return false
}

// plain adds a piece of src that is no string. What is no text either, such as a
// packed body under a wrong label, is unread.
func (r *reader) plain(u use, start, end int) {
	if !isText(r.src[start:end], "") {
		unread(r.prompt, traffic.ReasonFormat)
		return
	}
	if u == asMetadata {
		u = asText
	}
	s, e := r.origin.span(start, end)
	r.prompt.Parts = append(r.prompt.Parts, traffic.Part{Kind: u.kind(), Text: r.src[start:end], Start: s, End: e, Layers: r.bare})
}

func (r *reader) enter(n *node) frame {
	outer := r.frame
	if n.frame {
		r.frame = frame{first: len(r.prompt.Parts)}
	}
	return outer
}

// leave gives the parts of an object its role and name, which may stand after
// them.
func (r *reader) leave(n *node, outer frame) {
	if !n.frame {
		return
	}
	f := r.frame
	r.frame = outer
	if f.server != "" {
		r.prompt.UseServer(f.server)
	}
	if f.role == "" && f.name == "" {
		return
	}
	parts := r.prompt.Parts[f.first:]
	for i := range parts {
		p := &parts[i]
		if p.Name == "" {
			p.Name = f.name
		}
		if p.Role != "" || f.role == "" {
			continue
		}
		p.Role = f.role
		if p.Kind == traffic.PartText {
			p.Kind = kindOf(f.role)
		}
	}
}

// kindOf returns what the text of a message with role is.
func kindOf(role string) traffic.PartKind {
	switch role {
	case "system", "developer":
		return traffic.PartSystem
	case "tool", "function":
		return traffic.PartToolResult
	}
	return traffic.PartText
}

// key takes the names of members that no field knows: a table by e-mail address
// has its data there.
func (r *reader) key(n *node, start, end int) {
	if end-start >= minKey || bytes.IndexByte(r.src[start:end], '@') >= 0 {
		r.unknown("", start, end)
	}
}

func (r *reader) literal(n *node, start, end int) {
	r.walker.stop = len(r.prompt.Parts) >= maxParts
	switch word := r.src[start:end]; {
	case n.use == asStream && end-start < minNumber:
		r.prompt.Stream = word[0] == 't'
	case end-start >= minNumber && isLong(word):
		if r.number == nil {
			r.number = append(slices.Clip(r.bare), traffic.LayerNumber)
		}
		s, e := r.origin.span(start, end)
		r.prompt.Parts = append(r.prompt.Parts, traffic.Part{Kind: n.use.kind(), Name: n.name, Text: word, Start: s, End: e, Layers: r.number})
	}
}

// isLong reports whether word is a number that may identify something. A
// fraction does not, and embeddings are full of them.
func isLong(word []byte) bool {
	if word[0] == '-' {
		word = word[1:]
	}
	return word[0] >= '0' && word[0] <= '9' && word[1] != '.'
}

func (r *reader) text(n *node, start, end int) {
	if start == end {
		return
	}
	r.walker.stop = len(r.prompt.Parts) >= maxParts
	switch n.use {
	case asText, asSystem, asFile, asToolDefinition, asToolCall, asToolResult:
		switch {
		case n.use == asToolDefinition && end-start < minMetadata:
		case n.inner != nil && r.nested(n.inner, start, end):
		case r.mediaByContent(start, end):
		default:
			if n.use == asFile && n.any != n { // below "**" one document has many texts
				r.prompt.Files++
			}
			r.add(n.use, n.name, start, end)
		}
	case asImage, asAudio, asMedia:
		r.media(n.use, start, end)
	case asOpaque:
		if bytes.IndexByte(r.src[start:min(end, start+maxID)], ' ') >= 0 {
			r.unknown(n.name, start, end)
		}
	case asMetadata:
		if end-start >= minMetadata && !r.mediaByContent(start, end) {
			r.unknown(n.name, start, end)
		}
	case asSkip:
		if !isWord(r.src[start:end]) {
			r.id("", start, end)
		}
	case asRole, asOuterRole:
		if r.frame.role = intern(shaped(r.value(start, end))); !isWord(r.src[start:end]) {
			r.id("", start, end)
		}
	default:
		r.id(r.named(n.use, start, end), start, end)
	}
}

// named notes what a string of use u says of the prompt or of the object that
// it stands in, and returns the name of its part.
func (r *reader) named(u use, start, end int) (name string) {
	switch u {
	case asModel:
		name, r.prompt.Model = "model", string(shaped(r.value(start, end)))
	case asConversation:
		name, r.prompt.Conversation = "conversation", string(shaped(r.value(start, end)))
	case asSession:
		name, r.prompt.Conversation = "conversation", string(shaped(session(r.value(start, end))))
	case asOrganisation:
		name, r.prompt.Account.Organisation = "organisation", string(shaped(r.value(start, end)))
	case asName, asFileName:
		r.frame.name = string(r.value(start, min(end, start+2*maxID)))
	case asTool:
		r.frame.name = string(r.value(start, min(end, start+2*maxID)))
		r.prompt.UseTool(r.frame.name)
	case asServer:
		if r.frame.server == "" {
			r.frame.server = string(r.value(start, min(end, start+2*maxID)))
		}
	case asServerURL:
		if host := hostOf(r.value(start, end)); host != "" {
			r.frame.server = host
		}
	}
	return name
}

// id adds a short string at a place that the format knows: no prompt, but
// clients put there what they like.
func (r *reader) id(name string, start, end int) {
	if end-start >= minMetadata {
		r.add(asMetadata, name, start, end)
	}
}

// unknown adds a string at a place that the format does not know.
func (r *reader) unknown(name string, start, end int) {
	r.strange = true
	r.add(asMetadata, name, start, end)
}

// add adds the string whose inside is src[start:end].
func (r *reader) add(u use, name string, start, end int) {
	s, e := r.origin.span(start, end)
	p := traffic.Part{Kind: u.kind(), Name: name, Text: decode(r.src[start:end], jsonLayer), Start: s, End: e, Layers: r.inside}
	if u == asSystem {
		p.Role = "system"
	}
	r.prompt.Parts = append(r.prompt.Parts, p)
}

// nested reads a string that is JSON itself, such as the arguments of a
// function: read as one text, the escapes in it would hide where words begin.
func (r *reader) nested(n *node, start, end int) bool {
	if len(r.inside) >= maxNesting {
		return false
	}
	text := decode(r.src[start:end], jsonLayer)
	if !jsonLike(text) || !isJSON(text) {
		return false
	}
	o := &origin{at: start, cursor: cursor{raw: r.src[start:end], layer: jsonLayer}, of: r.origin}
	newReader(r.prompt, r.files, text, o, r.inside).read(n, 0)
	return true
}

// value returns a string, decoded; one that is too long for a value comes back
// cut, but still too long.
func (r *reader) value(start, end int) []byte {
	return decode(r.src[start:min(end, start+6*(maxShape+1))], jsonLayer)
}

// intern returns a role as a string without allocating for the usual ones.
func intern(role []byte) string {
	switch string(role) {
	case "user":
		return "user"
	case "assistant":
		return "assistant"
	case "system":
		return "system"
	case "developer":
		return "developer"
	case "tool":
		return "tool"
	case "model":
		return "model"
	}
	return string(role)
}

// session returns the session of Claude Code, whose user id is
// "user_…_account_…_session_…" or an object with a session_id.
func session(user []byte) []byte {
	if _, id, ok := bytes.Cut(user, []byte("_session_")); ok {
		return id
	}
	if _, rest, ok := bytes.Cut(user, []byte(`"session_id":"`)); ok {
		id, _, _ := bytes.Cut(rest, []byte(`"`))
		return id
	}
	return nil
}
