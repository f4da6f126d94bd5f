package prompt

// generic returns the node that reads unknown JSON: every string is a text,
// save for the few whose names are the same nearly everywhere.
func generic() *node {
	n := everything(asText)
	n.frame = true
	for key, u := range map[string]use{
		"model":             asModel,
		"modelName":         asModel,
		"model_name":        asModel,
		"stream":            asStream,
		"role":              asRole,
		"filename":          asFileName,
		"file_name":         asFileName,
		"fileName":          asFileName,
		"system":            asSystem,
		"system_prompt":     asSystem,
		"systemPrompt":      asSystem,
		"conversation_id":   asConversation,
		"conversationId":    asConversation,
		"chat_id":           asConversation,
		"thread_id":         asConversation,
		"type":              asSkip,
		"parent_message_id": asID,
	} {
		n.keys[key] = &node{use: u, any: n, frame: true}
	}
	n.keys["arguments"] = everything(asToolCall)
	return n
}

// geminiWeb returns the node that reads f.req of Google's web applications:
// lists in JSON in a string in lists, with the prompt at a place that differs
// by application.
func geminiWeb() *node {
	n := everything(asText)
	n.inner = n
	return n
}
