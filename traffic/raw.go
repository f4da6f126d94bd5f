package traffic

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
)

// InspectQuery is Inspect for what the query of a request says where there is no
// body, or none that can be had. Without a query it does nothing.
func (p *Pipeline) InspectQuery(x *Exchange) {
	if x.RawQuery == "" {
		return
	}
	x.Body, x.Cut = nil, false
	p.Inspect(x)
}

// InspectRaw is Inspect for a body that does not decode as its head says: x.Body
// is what came, decoded what could be decoded of it, and reason why that was not
// all. JSON is read as if no coding were named; anything else is searched as it
// stands, and is not inspected all the same.
func (p *Pipeline) InspectRaw(x *Exchange, decoded []byte, reason string) {
	if !isJSON(x.Body) {
		x.undecoded, x.decoded = reason, decoded
	}
	p.Inspect(x)
	x.decoded = nil
}

// isJSON reports whether b is an object or a list in JSON.
func isJSON(b []byte) bool {
	head := bytes.TrimLeft(b[:min(len(b), 64)], " \t\r\n")
	return len(head) > 0 && (head[0] == '{' || head[0] == '[') && json.Valid(b)
}

// read has the codec read x. What that can't read may still be searched for what
// stands in it as clear text; err says why it does not count as read.
func (x *Exchange) read() (prompt *Prompt, err error) {
	raw := x.undecoded != ""
	if raw {
		body := x.Body
		x.Body, err = nil, &UnreadError{Reason: x.undecoded}
		prompt, _ = x.stages.Codec.Read(x) // of the query and the path
		x.Body = body
	} else {
		prompt, err = x.stages.Codec.Read(x)
		if u, ok := errors.AsType[*UnreadError](err); ok {
			raw = u.Raw
		}
	}
	if prompt == nil {
		prompt = &Prompt{}
	}
	if raw {
		prompt.Format = ""
		prompt.asItStands(x.Body)
		prompt.asItStands(x.decoded)
	}
	return prompt, err
}

// asItStands adds data that was not understood, and so can't be written back.
func (p *Prompt) asItStands(data []byte) {
	if len(data) > 0 {
		p.Parts = append(p.Parts, Part{Kind: PartText, Text: data, Start: -1, End: -1})
	}
}

// placeQuery says of findings in the query where they stand, and drops those that
// are no leak: a key, code or signature where the service wants one.
func (x *Exchange) placeQuery() {
	x.Findings = slices.DeleteFunc(x.Findings, func(f Finding) bool {
		return x.Prompt.Parts[f.Part].Credential && (f.Class == ClassSecret || f.Class == ClassCrypto)
	})
	for i := range x.Findings {
		if f := &x.Findings[i]; x.Prompt.Parts[f.Part].Query {
			f.Place = strings.TrimSpace("query " + x.Prompt.Parts[f.Part].Name)
		}
	}
}
