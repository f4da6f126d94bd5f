package prompt

import (
	"bytes"
	"strings"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// format tells the format of a body: by the path, whatever the host, as most
// services copy a well-known interface; then by the hosts of private
// interfaces; then by what the body looks like.
func (c *Codec) format(x *traffic.Exchange) string {
	if x.From != "" {
		return messageFormat(x)
	}
	path := strings.TrimRight(x.Flow.Path, "/")
	if f := formatByHost(x.Flow.Host, path); f != "" {
		return f
	}
	if f := formatByPath(x, path); f != "" {
		return f
	}
	return formatByShape(x.Body)
}

// suffixes of paths, the longer before those that they end in.
var suffixes = []struct{ suffix, format string }{
	{"/chat/completions", "openai.chat"},
	{"/agents/completions", "openai.chat"},
	{"/completions", "openai.completions"},
	{"/fim/completions", "openai.completions"},
	{"/completion", "openai.completions"},
	{"/infill", "openai.completions"},
	{"/responses", "openai.responses"},
	{"/responses/compact", "openai.responses"},
	{"/responses/input_tokens", "openai.responses"},
	{"/conversations", "openai.responses"},
	{"/embeddings", "openai.embeddings"},
	{"/moderations", "openai.embeddings"},
	{"/images/generations", "openai.images"},
	{"/images/edits", "openai.images"},
	{"/images/variations", "openai.images"},
	{"/audio/speech", "openai.audio"},
	{"/audio/transcriptions", "openai.audio"},
	{"/audio/translations", "openai.audio"},
	{"/v1/files", "openai.files"},
	{"/threads", "openai.threads"},
	{"/threads/runs", "openai.threads"},
	{"/submit_tool_outputs", "openai.threads"},
	{"/assistants", "openai.threads"},
	{"/messages/count_tokens", "anthropic.messages"},
	{"/messages/batches", "anthropic.batches"},
	{"/v1/complete", "anthropic.messages"},
	{"/api/generate", "ollama"},
	{"/api/chat", "ollama"},
	{"/api/embed", "ollama"},
	{"/api/embeddings", "ollama"},
	{"/v2/chat", "cohere"},
	{"/v1/chat", "cohere"},
	{"/rerank", "cohere"},
	{"/embed", "cohere"},
	{"/converse", "bedrock"},
	{"/converse-stream", "bedrock"},
	{"/generateAssistantResponse", "amazon.q"},
	{"/mcp", "mcp"},
}

func formatByPath(x *traffic.Exchange, path string) string {
	if strings.HasSuffix(path, "/messages") {
		if strings.Contains(path, "/threads/") {
			return "openai.threads"
		}
		return "anthropic.messages"
	}
	if strings.Contains(path, "/model/") && strings.Contains(path, "/invoke") || strings.HasPrefix(path, "/guardrail/") {
		return "bedrock"
	}
	if i := strings.LastIndexByte(path, ':'); i >= 0 && !strings.Contains(path[i:], "/") {
		if f := formatByVerb(path[i+1:], path); f != "" {
			return f
		}
	}
	for _, s := range suffixes {
		if strings.HasSuffix(path, s.suffix) {
			return s.format
		}
	}
	if strings.Contains(path, "/threads/") && strings.HasSuffix(path, "/runs") {
		return "openai.threads"
	}
	if strings.Contains(path, "/conversations/") && strings.HasSuffix(path, "/items") {
		return "openai.responses"
	}
	if strings.Contains(x.Header.Get("X-Amz-Target"), "CodeWhisperer") {
		return "amazon.q"
	}
	return ""
}

// formatByVerb knows the verbs of Google's paths.
func formatByVerb(verb, path string) string {
	switch verb {
	case "rawPredict", "streamRawPredict":
		if strings.Contains(path, "/anthropic/") {
			return "anthropic.messages"
		}
		return "openai.chat"
	case "generateContent", "streamGenerateContent", "countTokens", "batchGenerateContent", "embedContent",
		"batchEmbedContents", "predict", "predictLongRunning", "generateAnswer", "completeCode":
		return "gemini.generate"
	}
	return ""
}

func formatByHost(host, path string) string {
	switch host {
	case "chatgpt.com", "chat.openai.com":
		if strings.HasPrefix(path, "/backend-") && !strings.Contains(path, "/codex/") {
			return "chatgpt.web"
		}
	case "claude.ai":
		return "claude.web"
	case "gemini.google.com", "notebooklm.google.com", "notebook.google.com":
		return "gemini.web"
	}
	if strings.HasPrefix(host, "bedrock-") && strings.Contains(host, ".amazonaws.com") {
		return "bedrock"
	}
	return ""
}

// formatByShape looks at the members of an object, or of the first object of a
// list.
func formatByShape(body []byte) string {
	has := make(map[string]bool, 8)
	members(body, func(key, _ []byte) bool {
		switch string(key) {
		case "jsonrpc", "messages", "contents", "system", "anthropic_version", "input", "prompt", "model":
			has[string(key)] = true
		}
		return true
	})
	switch {
	case has["jsonrpc"]:
		return "mcp"
	case has["anthropic_version"]:
		return "anthropic.messages"
	case has["messages"] && has["model"] && has["system"]:
		return "anthropic.messages"
	case has["messages"] && has["model"]:
		return "openai.chat"
	case has["contents"]:
		return "gemini.generate"
	}
	return "json"
}

// messageFormat tells the format of a WebSocket message.
func messageFormat(x *traffic.Exchange) string {
	host, path := x.Flow.Host, x.Flow.Path
	switch {
	case host == "copilot.microsoft.com":
		return "copilot.web"
	case strings.Contains(path, "/Chathub/"), strings.HasSuffix(path, "/ChatHub"):
		return "microsoft365.signal"
	case strings.HasSuffix(path, "/realtime"):
		return "openai.realtime"
	case strings.Contains(path, "BidiGenerateContent"):
		return "gemini.generate"
	case strings.HasSuffix(path, "/responses"):
		return "openai.responses"
	case bytes.HasPrefix(x.Body, []byte(`{"jsonrpc"`)):
		return "mcp"
	}
	return "json"
}

// pathFacts takes from the path what the body of some services lacks, or what
// they believe rather than the body.
func pathFacts(x *traffic.Exchange, p *traffic.Prompt) {
	path := x.Flow.Path
	switch p.Format {
	case "bedrock":
		set(p, &p.Model, "model", bedrockModel(path))
	case "claude.web":
		set(p, &p.Account.Organisation, "organisation", after(path, "/organizations/"))
		set(p, &p.Conversation, "conversation", after(path, "/chat_conversations/"))
	case "microsoft365.signal":
		_, tenant, _ := strings.Cut(after(path, "/Chathub/"), "@")
		set(p, &p.Account.Organisation, "organisation", tenant)
	case "openai.realtime":
		set(p, &p.Model, "model", x.Query.Get("model"))
	}
	if p.Format == "gemini.generate" || strings.Contains(path, "/publishers/") {
		project, model := googlePath(path)
		set(p, &p.Account.Organisation, "organisation", project)
		set(p, &p.Model, "model", model)
		p.Model = strings.TrimPrefix(p.Model, "models/")
	}
	set(p, &p.Model, "model", after(path, "/openai/deployments/")) // Azure OpenAI
	if strings.Contains(path, ":stream") || strings.HasSuffix(path, "-stream") {
		p.Stream = true
	}
	for _, h := range [...]string{"X-Claude-Code-Session-Id", "Conversation_id", "Session_id"} { // Claude Code, Codex
		if p.Conversation == "" && x.From == "" {
			p.Conversation = string(shaped([]byte(x.Header.Get(h))))
		}
	}
	switch label, zone, _ := strings.Cut(x.Flow.Host, "."); zone {
	case "openai.azure.com", "services.ai.azure.com", "cognitiveservices.azure.com":
		p.Account.Organisation = string(shaped([]byte(label)))
	}
}

// set overrules what the body says with a segment of the path. It is read like
// the fields of the body, but can't be rewritten.
func set(p *traffic.Prompt, field *string, name, value string) {
	if value == "" {
		return
	}
	text := []byte(value)
	*field = string(shaped(text))
	if len(text) >= minMetadata {
		p.Parts = append(p.Parts, traffic.Part{Kind: traffic.PartMetadata, Name: name, Text: text, Start: -1, End: -1})
	}
}

// after returns the segment of path behind prefix.
func after(path, prefix string) string {
	_, rest, _ := strings.Cut(path, prefix)
	seg, _, _ := strings.Cut(rest, "/")
	return seg
}
