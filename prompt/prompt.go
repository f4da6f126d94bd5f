// Package prompt reads and writes the wire formats of AI services.
//
// In goes an exchange with the decoded body of a request (or one WebSocket
// message); out comes the prompt: every text in it with its place in the body,
// what kind of text it is and who says it. Edits of those texts are written
// back to exactly the bytes that carry them. A refusal is phrased in the error
// shape of the service, so that its clients show it.
//
// A body that no reader knows is never passed over in silence: unknown JSON is
// read string by string, text as text, and what is left is reported as unread.
package prompt

import (
	"bytes"
	"mime"
	"net/http"
	"strings"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// Codec implements traffic.Codec. It is immutable and safe for concurrent use.
type Codec struct {
	roots     map[string]*node // by format
	documents Documents        // nil: attached files are not read
	files     *files           // of the request that is being read
}

var _ traffic.Codec = (*Codec)(nil)

// New returns a Codec that knows all formats of this package.
func New() *Codec {
	rest := everything(asMetadata)
	c := &Codec{roots: map[string]*node{"json": generic(), "gemini.web": geminiWeb()}}
	for name, f := range map[string]fields{
		"openai.chat":         openAIChat,
		"openai.completions":  openAICompletions,
		"openai.responses":    openAIResponses,
		"openai.embeddings":   openAIInput,
		"openai.images":       openAIInput,
		"openai.audio":        openAIInput,
		"openai.files":        openAIBatch,
		"openai.threads":      openAIThreads,
		"openai.realtime":     openAIRealtime,
		"anthropic.messages":  anthropicMessages,
		"anthropic.batches":   anthropicBatches,
		"gemini.generate":     geminiGenerate,
		"bedrock":             bedrock,
		"amazon.q":            amazonQ,
		"ollama":              ollama,
		"cohere":              cohere,
		"chatgpt.web":         chatGPTWeb,
		"claude.web":          claudeWeb,
		"copilot.web":         copilotWeb,
		"microsoft365.signal": m365,
		"mcp":                 mcp,
	} {
		c.roots[name] = compile(f, rest)
	}
	return c
}

// Read returns what x.Body says. Texts without escapes alias the body. A body
// of a kind that can't be read gives an *traffic.UnreadError; no body gives an
// empty prompt.
func (c *Codec) Read(x *traffic.Exchange) (*traffic.Prompt, error) {
	p := &traffic.Prompt{Format: c.format(x), Signed: signed(x)}
	if c.documents != nil && len(x.Body) > 0 {
		c = &Codec{roots: c.roots, files: &files{documents: c.documents}}
		defer func() {
			if p.Release == nil { // an error, or a fault
				c.files.close()
			}
		}()
	}
	if len(x.Body) > 0 {
		err := c.readBody(x, p)
		if x.From != "" { // a live conversation: sound and pictures in pieces
			p.Files = 0
		}
		if err != nil {
			if x.RawQuery == "" && p.Files == 0 {
				return nil, err
			}
			p = &traffic.Prompt{Signed: p.Signed, Files: p.Files}
			if x.RawQuery != "" {
				c.readQuery(x, p)
			}
			return p, err
		}
	}
	pathFacts(x, p)
	mcpFacts(x, p)
	if x.RawQuery != "" {
		if len(x.Body) == 0 {
			p.Format = ""
		}
		c.readQuery(x, p)
	}
	if c.files != nil && c.files.open != nil {
		p.Release = c.files.close
	}
	return p, nil
}

func (c *Codec) readBody(x *traffic.Exchange, p *traffic.Prompt) error {
	p.Parts = make([]traffic.Part, 0, 16)
	kind := ""
	if x.From == "" {
		kind = mediaType(x)
	}
	if kind == "application/x-www-form-urlencoded" && (undeclaredJSON(x) || !isText(x.Body, "")) {
		kind = "" // curl -d says so of anything, and the examples of Ollama are written with it
	}
	switch {
	case kind == "application/x-www-form-urlencoded":
		c.readForm(x, p)
	case strings.HasPrefix(kind, "multipart/"):
		c.readMultipart(x, p)
	case kind == "application/connect+json":
		c.readEnvelopes(x, p, c.roots[p.Format])
	case isBinary(kind) && !undeclaredJSON(x):
		return &traffic.UnreadError{Reason: traffic.ReasonFormat, Raw: true}
	case wide(x.Body) || strings.Contains(x.Header.Get("Content-Type"), "16") && x.From == "" && wideAs(x.Body, charset(x)):
		return c.readWide(x, p)
	case strings.Contains(kind, "json"), undeclaredJSON(x):
		c.readJSON(x, p)
		if len(p.Parts) == 0 && len(p.Unread) > 0 { // not even text: packed, or in UTF-32
			p.Unread = nil
			return c.readRaw(x, p)
		}
	case !isText(x.Body, charset(x)):
		return c.readRaw(x, p)
	default:
		p.Format = "text"
		part := traffic.Part{Kind: traffic.PartText, Text: x.Body, End: len(x.Body)}
		if kind != "" && !strings.HasPrefix(kind, "text/") || x.Flow.Method == http.MethodPut {
			part.Kind = traffic.PartFile
		}
		if part.Kind == traffic.PartFile && isUpload(x) {
			p.Files++
		}
		p.Parts = append(p.Parts, part)
	}
	return nil
}

// isBinary reports whether a media type is one of messages that only their schema
// explains: texts stand in them as they are, between lengths.
func isBinary(kind string) bool {
	return strings.HasPrefix(kind, "application/grpc") || strings.HasSuffix(kind, "proto") ||
		strings.HasSuffix(kind, "protobuf") && !strings.Contains(kind, "json")
}

// readRaw reads a body that is a file.
func (c *Codec) readRaw(x *traffic.Exchange, p *traffic.Prompt) error {
	c.files.add(p, traffic.Part{Kind: mediaKind(x.Body), End: len(x.Body)}, x.Body)
	if p.Parts[0].Text == nil && p.Parts[0].Kind == traffic.PartFile && !isUpload(x) {
		p.Files = 0 // messages of an unknown form are no files
	}
	if p.Parts[0].Text == nil && len(p.Unread) > 0 {
		return &traffic.UnreadError{Reason: p.Unread[0]}
	}
	p.Format = "file"
	return nil
}

// isUpload reports whether a request hands over its body as a file.
func isUpload(x *traffic.Exchange) bool {
	return x.Flow.Method == http.MethodPut || strings.Contains(strings.ToLower(x.Flow.Path), "upload")
}

// readJSON reads the body by its format, and where that finds nothing that
// anybody says, as unknown JSON: private interfaces change, and paths are alike.
func (c *Codec) readJSON(x *traffic.Exchange, p *traffic.Prompt) {
	before := *p
	r := newReader(p, c.files, x.Body, nil, nil)
	isJSON := r.read(c.roots[p.Format], 0)
	if isJSON && r.strange && p.Format != "json" && p.Format != "mcp" && onlyMetadata(p.Parts) {
		*p = before
		p.Format = "json"
		newReader(p, c.files, x.Body, nil, nil).read(c.roots["json"], 0)
	}
	if !isJSON {
		p.Format = "text"
	}
}

func onlyMetadata(parts []traffic.Part) bool {
	for i := range parts {
		if parts[i].Kind != traffic.PartMetadata {
			return false
		}
	}
	return len(parts) > 0
}

// mediaType returns the type that a request declares for its body, in lower
// case and without parameters.
func mediaType(x *traffic.Exchange) string {
	t, _, _ := strings.Cut(x.Header.Get("Content-Type"), ";")
	t = strings.TrimSpace(t)
	for i := range len(t) {
		if 'A' <= t[i] && t[i] <= 'Z' {
			return strings.ToLower(t)
		}
	}
	return t
}

// jsonLike reports whether body may be JSON although it does not say so, as
// browsers avoid a pre-flight request by calling it plain text.
func jsonLike(body []byte) bool {
	body = bytes.TrimLeft(bytes.TrimPrefix(body[:min(len(body), 64)], []byte("\xef\xbb\xbf")), " \t\r\n")
	return len(body) > 0 && (body[0] == '{' || body[0] == '[')
}

func undeclaredJSON(x *traffic.Exchange) bool {
	return jsonLike(x.Body) && (x.Cut || isJSON(x.Body))
}

// signed reports whether a header vouches for the bytes of the body, so that
// the service would refuse a rewritten one.
func signed(x *traffic.Exchange) bool {
	if x.From != "" || x.Header == nil {
		return false
	}
	if strings.HasPrefix(x.Header.Get("Authorization"), "AWS4-") && x.Header.Get("X-Amz-Content-Sha256") != "UNSIGNED-PAYLOAD" {
		return true
	}
	return x.Header.Get("Content-Digest") != "" || x.Header.Get("Digest") != "" || x.Header.Get("Content-Md5") != ""
}

// parameter returns a parameter of the Content-Type header.
func parameter(contentType, name string) string {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return ""
	}
	return params[name]
}
