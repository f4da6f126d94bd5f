package testnet

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"strings"
	"time"
)

// object is a JSON object.
type object = map[string]any

// openAIRequest is what the stand-in needs of all of OpenAI's JSON bodies.
type openAIRequest struct {
	Model    string                              `json:"model"`
	Stream   bool                                `json:"stream"`
	Messages []struct{ Content json.RawMessage } `json:"messages"`
	Input    json.RawMessage                     `json:"input"`
	Encoding string                              `json:"encoding_format"`
}

func (c *call) openAI() {
	h := c.w.Header()
	h.Set("Openai-Organization", OpenAIOrganization)
	h.Set("Openai-Processing-Ms", "12")
	h.Set("X-Request-Id", "req_0123456789abcdef")
	path := strings.TrimPrefix(c.r.URL.Path, "/openai") // Groq's prefix
	if path == "/v1/files" && c.r.Method == http.MethodPost {
		c.openAIFile()
		return
	}
	var q openAIRequest
	if c.r.Method == http.MethodPost {
		if err := json.Unmarshal(c.body, &q); err != nil {
			c.openAIError(http.StatusBadRequest, "We could not parse the JSON body of your request.")
			return
		}
	}
	switch path {
	case "/v1/chat/completions":
		c.chat(&q)
	case "/v1/responses":
		c.responses(&q)
	case "/v1/embeddings":
		c.embeddings(&q)
	case "/v1/models":
		model := object{"id": "gpt-4o", "object": "model", "created": 1715367049, "owned_by": "system"}
		writeJSON(c.w, http.StatusOK, object{"object": "list", "data": []any{model}})
	default:
		c.openAIError(http.StatusNotFound, "Invalid URL ("+c.r.Method+" "+c.r.URL.Path+")")
	}
}

func (c *call) openAIError(code int, message string) {
	writeJSON(c.w, code, object{"error": object{"message": message, "type": "invalid_request_error", "param": nil, "code": nil}})
}

func (c *call) chat(q *openAIRequest) {
	var said string
	if n := len(q.Messages); n > 0 {
		said = textOf(q.Messages[n-1].Content)
	}
	answer := reply(q.Model, said)
	base := object{"id": "chatcmpl-standin1", "created": time.Now().Unix(), "model": q.Model, "system_fingerprint": "fp_standin"}
	usage := object{"prompt_tokens": 9, "completion_tokens": 12, "total_tokens": 21}
	if !q.Stream {
		base["object"], base["usage"] = "chat.completion", usage
		base["choices"] = []any{object{
			"index": 0, "message": object{"role": "assistant", "content": answer, "refusal": nil}, "logprobs": nil, "finish_reason": "stop",
		}}
		writeJSON(c.w, http.StatusOK, base)
		return
	}
	s := c.stream(q.Model)
	base["object"] = "chat.completion.chunk"
	chunk := func(delta object, finish any) {
		base["choices"] = []any{object{"index": 0, "delta": delta, "logprobs": nil, "finish_reason": finish}}
		s.send("", base)
	}
	chunk(object{"role": "assistant", "content": ""}, nil)
	for _, p := range pieces(answer) {
		chunk(object{"content": p}, nil)
	}
	chunk(object{}, "stop")
	s.raw("data: [DONE]\n\n")
}

func (c *call) responses(q *openAIRequest) {
	answer := reply(q.Model, textOf(q.Input))
	content := object{"type": "output_text", "text": answer, "annotations": []any{}, "logprobs": []any{}}
	item := object{"type": "message", "id": "msg_standin1", "status": "completed", "role": "assistant", "content": []any{content}}
	whole := func(status string, output ...any) object {
		if output == nil {
			output = []any{}
		}
		return object{
			"id": "resp_standin1", "object": "response", "created_at": time.Now().Unix(), "status": status, "error": nil,
			"incomplete_details": nil, "instructions": nil, "metadata": object{}, "model": q.Model, "output": output,
			"parallel_tool_calls": true, "temperature": 1.0, "top_p": 1.0, "tool_choice": "auto", "tools": []any{},
			"usage": object{
				"input_tokens": 9, "input_tokens_details": object{"cached_tokens": 0}, "output_tokens": 12,
				"output_tokens_details": object{"reasoning_tokens": 0}, "total_tokens": 21,
			},
		}
	}
	if !q.Stream {
		writeJSON(c.w, http.StatusOK, whole("completed", item))
		return
	}
	s, seq := c.stream(q.Model), 0
	event := func(name string, v object) {
		v["type"], v["sequence_number"] = name, seq
		seq++
		s.send(name, v)
	}
	at := func(v object) object {
		v["item_id"], v["output_index"], v["content_index"] = "msg_standin1", 0, 0
		return v
	}
	event("response.created", object{"response": whole("in_progress")})
	event("response.output_item.added", object{"output_index": 0, "item": object{"type": "message", "id": "msg_standin1", "status": "in_progress", "role": "assistant", "content": []any{}}})
	event("response.content_part.added", at(object{"part": object{"type": "output_text", "text": "", "annotations": []any{}}}))
	for _, p := range pieces(answer) {
		event("response.output_text.delta", at(object{"delta": p, "logprobs": []any{}}))
	}
	event("response.output_text.done", at(object{"text": answer, "logprobs": []any{}}))
	event("response.content_part.done", at(object{"part": content}))
	event("response.output_item.done", object{"output_index": 0, "item": item})
	event("response.completed", object{"response": whole("completed", item)})
}

func (c *call) embeddings(q *openAIRequest) {
	vector := []float32{0.25, -0.5, float32(len(textOf(q.Input)))}
	var embedding any = vector
	if q.Encoding == "base64" {
		var b []byte
		for _, f := range vector {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(f))
		}
		embedding = base64.StdEncoding.EncodeToString(b)
	}
	writeJSON(c.w, http.StatusOK, object{
		"object": "list", "data": []any{object{"object": "embedding", "index": 0, "embedding": embedding}},
		"model": q.Model, "usage": object{"prompt_tokens": 8, "total_tokens": 8},
	})
}

func (c *call) openAIFile() {
	c.r.Body = io.NopCloser(strings.NewReader(string(c.body)))
	f, head, err := c.r.FormFile("file")
	if err != nil {
		c.openAIError(http.StatusBadRequest, "'file' is a required property")
		return
	}
	defer f.Close()
	defer c.r.MultipartForm.RemoveAll()
	writeJSON(c.w, http.StatusOK, object{
		"id": "file-standin123456", "object": "file", "bytes": head.Size, "created_at": time.Now().Unix(),
		"filename": head.Filename, "purpose": c.r.FormValue("purpose"), "status": "processed",
	})
}

// textOf returns the text in a string, in a list of strings, or in a list of
// parts or messages: whatever the formats call content.
func textOf(raw json.RawMessage) string {
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return ""
	}
	var b strings.Builder
	collect(&b, v)
	return b.String()
}

func collect(b *strings.Builder, v any) {
	switch v := v.(type) {
	case string:
		b.WriteString(v)
	case []any:
		for _, e := range v {
			collect(b, e)
		}
	case object:
		for _, key := range []string{"text", "content", "parts"} {
			collect(b, v[key])
		}
	}
}
