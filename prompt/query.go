package prompt

import (
	_ "embed"
	"slices"
	"strings"

	"github.com/gnomon-proxy/gnomon/traffic"
)

//go:embed query.txt
var queryTxt string

// credentials are the parameters of query.txt.
var credentials = func() map[string]bool {
	names := make(map[string]bool)
	for line := range strings.Lines(queryTxt) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			names[line] = true
		}
	}
	return names
}()

// maxQuery bounds the parameters that are told apart; what follows them is read
// as one text.
const maxQuery = 256

// readQuery adds what the query says: search fields of browsers send whole
// questions there. What can only be a word or a small number is passed over.
func (c *Codec) readQuery(x *traffic.Exchange, p *traffic.Prompt) {
	form := &traffic.Exchange{Body: []byte(x.RawQuery)} // it is encoded as a form is
	first := len(p.Parts)
	for at, n := 0, 0; at < len(form.Body); n++ {
		end := len(form.Body)
		if i := strings.IndexByte(x.RawQuery[at:], '&'); i >= 0 && n < maxQuery {
			end = at + i
		}
		start := at
		if i := strings.IndexByte(x.RawQuery[at:end], '='); i >= 0 && n < maxQuery {
			start = at + i + 1
			c.queryField(form, p, "", at, start-1)
			c.queryField(form, p, string(decode(form.Body[at:min(start-1, at+maxID)], traffic.LayerForm)), start, end)
		} else {
			c.queryField(form, p, "", start, end)
		}
		at = end + 1
	}
	if p.Format == "" && len(p.Parts) > first {
		p.Format = "query"
	}
}

// queryField adds the parts of one parameter's value.
func (c *Codec) queryField(form *traffic.Exchange, p *traffic.Prompt, name string, start, end int) {
	if end-start < minMetadata || isWord(form.Body[start:end]) {
		return
	}
	var own traffic.Prompt // a parameter called "model" does not overrule the body
	c.formField(form, &own, name, start, end)
	for i := range own.Parts {
		part := &own.Parts[i]
		part.Name, part.Query, part.Credential = name, true, credentials[strings.ToLower(name)]
	}
	p.Parts = append(p.Parts, own.Parts...)
}

// rewriteQuery makes the edits in the query, which is left in x.RewrittenQuery,
// and returns those in the body.
func rewriteQuery(x *traffic.Exchange, edits []traffic.Edit) (inBody []traffic.Edit, err error) {
	inQuery := func(e traffic.Edit) bool {
		return e.Part >= 0 && e.Part < len(x.Prompt.Parts) && x.Prompt.Parts[e.Part].Query
	}
	if x.RawQuery == "" || !slices.ContainsFunc(edits, inQuery) {
		return edits, nil
	}
	form := &traffic.Exchange{Body: []byte(x.RawQuery)}
	var splices []splice
	for len(edits) > 0 {
		n := 1
		for n < len(edits) && edits[n].Part == edits[0].Part {
			n++
		}
		if !inQuery(edits[0]) {
			inBody = append(inBody, edits[:n]...)
			edits = edits[n:]
			continue
		}
		part := x.Prompt.Parts[edits[0].Part]
		part.Query = false // it is the body of form
		s, err := splicesOf(form, &part, edits[:n])
		if err != nil {
			return nil, err
		}
		splices, edits = append(splices, s...), edits[n:]
	}
	query, err := apply(form.Body, splices)
	x.RewrittenQuery = string(query)
	return inBody, err
}
