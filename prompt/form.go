package prompt

import (
	"bytes"

	"github.com/gnomon-proxy/gnomon/traffic"
)

var formLayers = []traffic.Layer{traffic.LayerForm}

// readForm reads name=value&… (WHATWG URL, section 5.1). Values that are JSON
// are read into.
func (c *Codec) readForm(x *traffic.Exchange, p *traffic.Prompt) {
	if p.Format != "gemini.web" {
		p.Format = "form"
	}
	for at := 0; at < len(x.Body); {
		if len(p.Parts) >= maxParts {
			p.Parts = append(p.Parts, traffic.Part{Kind: traffic.PartText, Text: decode(x.Body[at:], traffic.LayerForm), Start: at, End: len(x.Body), Layers: formLayers})
			return
		}
		end := at + bytes.IndexByte(x.Body[at:], '&')
		if end < at {
			end = len(x.Body)
		}
		start := end
		if i := bytes.IndexByte(x.Body[at:end], '='); i >= 0 {
			start = at + i + 1
		}
		name := decode(x.Body[at:max(at, start-1)], traffic.LayerForm)
		if named := start - 1; named > at && start < end && (named-at >= minKey || bytes.IndexByte(name, '@') >= 0) {
			p.Parts = append(p.Parts, traffic.Part{Kind: traffic.PartMetadata, Text: name, Start: at, End: named, Layers: formLayers})
		}
		if start == end { // no "=": the name is all that there is
			start, name = at, nil
		}
		c.formField(x, p, string(name), start, end)
		at = end + 1
	}
}

func (c *Codec) formField(x *traffic.Exchange, p *traffic.Prompt, name string, start, end int) {
	text := decode(x.Body[start:end], traffic.LayerForm)
	switch {
	case len(text) == 0:
		return
	case name == "at" && p.Format == "gemini.web": // a token against forged requests
		return
	case name == "model":
		p.Model = string(shaped(text))
		p.Parts = append(p.Parts, traffic.Part{Kind: traffic.PartMetadata, Name: name, Text: text, Start: start, End: end, Layers: formLayers})
		return
	}
	if jsonLike(text) && isJSON(text) {
		root := c.roots["json"]
		if p.Format == "gemini.web" {
			root = c.roots["gemini.web"]
		}
		o := &origin{at: start, cursor: cursor{raw: x.Body[start:end], layer: traffic.LayerForm}}
		newReader(p, c.files, text, o, formLayers).read(root, 0)
		return
	}
	p.Parts = append(p.Parts, traffic.Part{Kind: traffic.PartText, Name: name, Text: text, Start: start, End: end, Layers: formLayers})
}
