package prompt

// ollama is the body of /api/generate, /api/chat and /api/embed.
var ollama = merge(openAIChat, fields{
	"prompt":     asText,
	"suffix":     asText,
	"system":     asSystem,
	"input":      asText,
	"images":     asImage,
	"format":     asSkip,
	"keep_alive": asID,
})

// cohere is the body of Cohere's own chat, embed and rerank.
var cohere = merge(openAIChat, openAIInput, fields{
	"message":              asText,
	"chat_history.message": asText,
	"chat_history.role":    asRole,
	"preamble":             asSystem,
	"documents.**":         asFile,
	"conversation_id":      asConversation,
	"input_type":           asSkip,
})
