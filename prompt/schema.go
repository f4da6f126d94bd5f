package prompt

import (
	"maps"
	"slices"
	"strings"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// use says what the strings at one place of a JSON body are for.
type use uint8

const (
	asMetadata use = iota // anything that a format does not know: read, as it may hold a secret
	asText
	asSystem
	asFile
	asToolDefinition
	asToolCall // a string that is JSON itself is read into
	asToolResult

	asModel
	asStream
	asConversation
	asSession // Anthropic's metadata.user_id, which holds the id of a session
	asOrganisation
	asRole      // of the object that it stands in
	asOuterRole // of the object around that one
	asName      // of what the object that it stands in is about
	asTool      // the same: a tool or function that is declared or called
	asServer    // label of a remote MCP server
	asServerURL // and its address, which says more
	asFileName  // the same, and a text in itself
	asID        // ids and other short values that a client makes up
	asSkip      // enumerations: what is one of a few words is passed over
	asOpaque    // signed or encrypted by the service: must come back as it was sent
	asImage     // base64, a data: URL or a link
	asAudio
	asMedia
)

// kind is the kind of part that a use makes.
func (u use) kind() traffic.PartKind {
	switch u {
	case asText:
		return traffic.PartText
	case asSystem:
		return traffic.PartSystem
	case asFile, asMedia:
		return traffic.PartFile
	case asToolDefinition:
		return traffic.PartToolDefinition
	case asToolCall:
		return traffic.PartToolCall
	case asToolResult:
		return traffic.PartToolResult
	case asImage:
		return traffic.PartImage
	case asAudio:
		return traffic.PartAudio
	}
	return traffic.PartMetadata
}

// fields says what stands where in the bodies of a format. Keys are joined by
// dots; lists don't count ("messages.content" is the content of each message);
// "*" is any key; a final "**" is everything below.
type fields map[string]use

// under returns f with all its paths below prefix.
func (f fields) under(prefix string) fields {
	out := make(fields, len(f))
	for path, u := range f {
		out[prefix+"."+path] = u
	}
	return out
}

// merge returns all paths of all; a later one wins.
func merge(all ...fields) fields {
	out := make(fields)
	for _, f := range all {
		for path, u := range f {
			out[path] = u
		}
	}
	return out
}

// node is a place in a JSON body. Lists are transparent: their elements have
// the node of the list. A node is immutable once compiled.
type node struct {
	use   use
	name  string // of its parts, where it tells what they are
	frame bool   // an object here has a role or a name
	keys  map[string]*node
	any   *node // the node of all other keys
	inner *node // where not nil, a string here that is JSON is read into by it
}

// child returns the node of a member, and whether it has one of its own.
func (n *node) child(key []byte) (c *node, known bool) {
	if c, known = n.keys[string(key)]; known {
		return c, true
	}
	if c, known = n.any.keys[string(key)]; known {
		return c, true
	}
	return n.any, false
}

// compile builds the tree of f. Keys that f does not name lead to rest.
func compile(f fields, rest *node) *node {
	root := &node{any: rest}
	calls := everything(asToolCall)
	paths := slices.Sorted(maps.Keys(f))
	for _, path := range slices.Backward(paths) { // "a.**" before "a": what is named itself wins
		n, u := root, f[path]
		keys := strings.Split(path, ".")
		for i, key := range keys {
			if i == len(keys)-1 && u.names() || i == len(keys)-2 && u == asOuterRole {
				n.frame = true
			}
			switch key {
			case "*":
				if n.any == rest {
					n.any = &node{any: rest}
				}
				n = n.any
			case "**":
				n.deepen(u)
			default:
				n = n.grow(key, rest)
			}
		}
		n.use = u
		if u == asToolCall {
			n.inner = calls
		}
	}
	return root
}

// names reports whether a string of this use says something of its object.
func (u use) names() bool {
	switch u {
	case asRole, asName, asFileName, asTool, asServer, asServerURL:
		return true
	}
	return false
}

func (n *node) grow(key string, rest *node) *node {
	if n.keys == nil {
		n.keys = make(map[string]*node)
	}
	c := n.keys[key]
	if c == nil {
		c = &node{any: rest}
		n.keys[key] = c
	}
	return c
}

// deepen makes everything below n that has no fields of its own a text of use
// u, media excepted.
func (n *node) deepen(u use) {
	rest := everything(u)
	n.use, n.inner, n.any = u, rest.inner, rest
}

// everything returns a node where all strings at any depth have use u, save
// for those that are media or kinds by their name.
func everything(u use) *node {
	n := &node{use: u, keys: make(map[string]*node)}
	n.any = n
	if u == asToolCall {
		n.inner = n
	}
	for key, media := range mediaKeys {
		m := &node{use: media, keys: map[string]*node{"url": {use: media, any: n}, "data": {use: media, any: n}, "bytes": {use: media, any: n}}, any: n}
		n.keys[key] = m
	}
	if u == asMetadata || u == asToolDefinition { // a JSON schema has a type for each property
		for _, key := range []string{"type", "required", "format", "$schema"} {
			n.keys[key] = &node{use: asSkip, keys: n.keys, any: n}
		}
	}
	if u == asMetadata || u == asText {
		for _, key := range tellingNames {
			n.keys[key] = &node{use: u, name: key, keys: n.keys, any: n}
		}
	}
	return n
}

// tellingNames are names of members whose values are recognised by them alone.
// They are known beforehand, so that a part gets its name without a copy.
var tellingNames = []string{
	"password", "passwd", "pwd", "passphrase", "secret", "client_secret", "clientSecret", "token", "access_token", "accessToken",
	"refresh_token", "api_key", "apiKey", "apikey", "authorization", "Authorization", "private_key", "privateKey", "credentials",
	"email", "phone", "iban", "ssn", "card", "card_number", "cardNumber", "cvv", "passport", "birthday", "date_of_birth", "address",
}

// mediaKeys are names that services give to base64 data. What stands there is
// looked at before it is passed over: text is read as text.
var mediaKeys = map[string]use{
	"data":        asMedia,
	"b64_json":    asImage,
	"image_url":   asImage,
	"image":       asImage,
	"images":      asImage,
	"init_images": asImage,
	"mask":        asImage,
	"imageBytes":  asImage,
	"bytes":       asMedia,
	"file_data":   asMedia,
	"audio":       asAudio,
	"input_audio": asAudio,
}
