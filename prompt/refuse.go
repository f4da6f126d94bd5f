package prompt

import (
	"encoding/binary"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// Refuse returns the answer for a blocked exchange in the service's own error
// shape. It names the reason and the rule, never what was found.
//
// gRPC clients take a plain 403 for PERMISSION_DENIED. A call of JSON-RPC and a
// Connect stream carry their errors in a successful answer.
func (c *Codec) Refuse(x *traffic.Exchange) traffic.Refusal {
	text := sentence(&x.Decision)
	kind := mediaType(x)
	switch {
	case strings.HasPrefix(kind, "application/grpc"):
		return traffic.Refusal{Code: http.StatusForbidden, ContentType: "text/plain; charset=utf-8", Body: []byte(text)}
	case strings.HasPrefix(kind, "application/connect+"):
		return refuseStream(kind, text)
	case kind == "application/proto":
		return refusal(object{"code": "permission_denied", "message": text})
	}
	format := ""
	if x.Prompt != nil {
		format = x.Prompt.Format
	} else {
		format = c.format(x)
	}
	if id := callID(x.Body, format); id != nil {
		r := refusal(object{"jsonrpc": "2.0", "id": id, "error": object{"code": jsonRPCRefused, "message": text}})
		r.Code = http.StatusOK
		return r
	}
	return refusal(shape(x, format, text))
}

type object map[string]any

// jsonRPCRefused is in the range that JSON-RPC 2.0 (section 5.1) leaves to
// servers.
const jsonRPCRefused = -32003

func refusal(v any) traffic.Refusal {
	body, err := json.Marshal(v)
	if err != nil { // only a raw id that is no JSON could do that
		body = []byte(`{"error":"blocked by Gnomon"}`)
	}
	return traffic.Refusal{Code: http.StatusForbidden, ContentType: "application/json", Body: body}
}

// refuseStream ends a Connect stream before it began: flag 2 marks the message
// with the error, which is JSON whatever the codec.
func refuseStream(kind, text string) traffic.Refusal {
	r := refusal(object{"error": object{"code": "permission_denied", "message": text}})
	head := binary.BigEndian.AppendUint32([]byte{2}, uint32(len(r.Body)))
	return traffic.Refusal{Code: http.StatusOK, ContentType: kind, Body: append(head, r.Body...)}
}

// sentence is what the person reads whose request it is.
func sentence(d *traffic.Decision) string {
	reason := strings.TrimRight(strings.TrimSpace(d.Reason), ".")
	if reason == "" {
		reason = "the policy of your organisation does not allow it"
	}
	text := "Gnomon blocked this request: " + reason
	if d.Rule != "" {
		text += " (rule " + d.Rule + ")"
	}
	return text + "."
}

// shape returns the error object of the service.
func shape(x *traffic.Exchange, format, text string) object {
	switch vendorOf(x, format) {
	case "anthropic":
		return object{"type": "error", "error": object{"type": "permission_error", "message": text}}
	case "google":
		return object{"error": object{"code": http.StatusForbidden, "message": text, "status": "PERMISSION_DENIED"}}
	case "amazon":
		return object{"__type": "AccessDeniedException", "message": text}
	case "ollama":
		return object{"error": text}
	case "chatgpt":
		return object{"detail": text}
	case "openai":
		return object{"error": openAIError(text)}
	}
	return object{"error": openAIError(text), "message": text}
}

func openAIError(text string) object {
	return object{"message": text, "type": "permission_error", "param": nil, "code": "blocked_by_policy"}
}

// vendorOf tells whose errors the client expects: by the format, else by the
// vendor in the catalogue.
func vendorOf(x *traffic.Exchange, format string) string {
	family, _, _ := strings.Cut(format, ".")
	switch family {
	case "openai", "anthropic", "ollama", "chatgpt":
		return family
	case "claude":
		return "anthropic"
	case "gemini":
		return "google"
	case "bedrock", "amazon":
		return "amazon"
	}
	vendor := strings.ToLower(x.Verdict.Vendor)
	for _, name := range []string{"openai", "anthropic", "google", "amazon"} {
		if strings.Contains(vendor, name) {
			return name
		}
	}
	if x.Header.Get("Anthropic-Version") != "" {
		return "anthropic"
	}
	return ""
}

// callID returns the id of a JSON-RPC call, nil when body is none or wants no
// answer.
func callID(body []byte, format string) json.RawMessage {
	if format != "mcp" {
		return nil
	}
	var id json.RawMessage
	members(body, func(key, value []byte) bool {
		if string(key) == "id" && len(value) <= maxID && json.Valid(value) && value[0] != 'n' && value[0] != '{' && value[0] != '[' {
			id = value
		}
		return true
	})
	return id
}
