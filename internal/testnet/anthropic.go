package testnet

import (
	"encoding/json"
	"net/http"
)

func (c *call) anthropic() {
	h := c.w.Header()
	h.Set("Anthropic-Organization-Id", AnthropicOrganization)
	h.Set("Request-Id", "req_standin0123456789")
	var q struct {
		Model    string
		Stream   bool
		Messages []struct{ Content json.RawMessage }
	}
	if err := json.Unmarshal(c.body, &q); err != nil {
		c.anthropicError(http.StatusBadRequest, "invalid_request_error", "The request body is not valid JSON")
		return
	}
	var said string
	if n := len(q.Messages); n > 0 {
		said = textOf(q.Messages[n-1].Content)
	}
	switch c.r.URL.Path {
	case "/v1/messages":
		c.messages(q.Model, said, q.Stream)
	case "/v1/messages/count_tokens":
		writeJSON(c.w, http.StatusOK, object{"input_tokens": len(said)/4 + 1})
	default:
		c.anthropicError(http.StatusNotFound, "not_found_error", "Not found")
	}
}

func (c *call) anthropicError(code int, kind, message string) {
	writeJSON(c.w, code, object{"type": "error", "error": object{"type": kind, "message": message}, "request_id": "req_standin0123456789"})
}

func (c *call) messages(model, said string, streamed bool) {
	answer := reply(model, said)
	message := object{
		"id": "msg_standin1", "type": "message", "role": "assistant", "model": model, "stop_sequence": nil,
		"content": []any{object{"type": "text", "text": answer}}, "stop_reason": "end_turn",
		"usage": object{"input_tokens": 9, "output_tokens": 12},
	}
	if !streamed {
		writeJSON(c.w, http.StatusOK, message)
		return
	}
	s := c.stream(model)
	message["content"], message["stop_reason"], message["usage"] = []any{}, nil, object{"input_tokens": 9, "output_tokens": 1}
	event := func(name string, v object) {
		v["type"] = name
		s.send(name, v)
	}
	event("message_start", object{"message": message})
	event("content_block_start", object{"index": 0, "content_block": object{"type": "text", "text": ""}})
	event("ping", object{})
	for _, p := range pieces(answer) {
		event("content_block_delta", object{"index": 0, "delta": object{"type": "text_delta", "text": p}})
	}
	event("content_block_stop", object{"index": 0})
	event("message_delta", object{"delta": object{"stop_reason": "end_turn", "stop_sequence": nil}, "usage": object{"output_tokens": 12}})
	event("message_stop", object{})
}
