package testnet

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

func (c *call) gemini() {
	c.w.Header().Set("X-Gemini-Service-Tier", "standard")
	model, verb, _ := strings.Cut(c.r.URL.Path[strings.LastIndexByte(c.r.URL.Path, '/')+1:], ":")
	var q struct{ Contents json.RawMessage }
	if err := json.Unmarshal(c.body, &q); err != nil {
		c.geminiError(http.StatusBadRequest, "INVALID_ARGUMENT", "Invalid JSON payload received.")
		return
	}
	said := textOf(q.Contents)
	switch verb {
	case "generateContent":
		writeJSON(c.w, http.StatusOK, candidate(model, reply(model, said), "STOP"))
	case "streamGenerateContent":
		if c.r.URL.Query().Get("alt") == "sse" {
			c.geminiEvents(model, reply(model, said))
		} else {
			c.geminiArray(model, reply(model, said))
		}
	case "countTokens":
		writeJSON(c.w, http.StatusOK, object{"totalTokens": len(said)/4 + 1})
	default:
		c.geminiError(http.StatusNotFound, "NOT_FOUND", "Requested entity was not found.")
	}
}

func (c *call) geminiError(code int, status, message string) {
	writeJSON(c.w, code, object{"error": object{"code": code, "message": message, "status": status}})
}

func candidate(model, text string, finish string) object {
	one := object{"content": object{"role": "model", "parts": []any{object{"text": text}}}, "index": 0}
	if finish != "" {
		one["finishReason"] = finish
	}
	return object{
		"candidates": []any{one}, "modelVersion": model, "responseId": "standin1",
		"usageMetadata": object{"promptTokenCount": 9, "candidatesTokenCount": 12, "totalTokenCount": 21},
	}
}

func (c *call) geminiEvents(model, answer string) {
	s := c.stream(model)
	all := pieces(answer)
	for i, p := range all {
		s.send("", candidate(model, p, finishOf(i, all)))
	}
}

// geminiArray streams one JSON array, an element at a time: what comes without
// alt=sse.
func (c *call) geminiArray(model, answer string) {
	s := c.stream(model)
	all := pieces(answer)
	for i, p := range all {
		lead := ",\r\n"
		if i == 0 {
			lead = "["
		}
		b, _ := json.Marshal(candidate(model, p, finishOf(i, all))) // our own literals
		s.raw(fmt.Sprint(lead, string(b)))
	}
	s.raw("]")
}

func finishOf(i int, all []string) string {
	if i == len(all)-1 {
		return "STOP"
	}
	return ""
}
