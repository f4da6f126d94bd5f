package prompt

// anthropicMessages is the body of /v1/messages and of /count_tokens, also in
// Vertex AI and Bedrock, and of the old /v1/complete.
var anthropicMessages = merge(request, anthropicContent.under("messages.content"), fields{
	"system":               asSystem,
	"system.text":          asSystem,
	"system.type":          asSkip,
	"messages.role":        asRole,
	"messages.content":     asText,
	"metadata.user_id":     asSession,
	"anthropic_version":    asSkip,
	"anthropic_beta":       asID,
	"thinking.type":        asSkip,
	"prompt":               asText,
	"tool_choice.name":     asID,
	"output_config.effort": asSkip,
})

// anthropicContent are the blocks of a message.
var anthropicContent = fields{
	"type":                      asSkip,
	"text":                      asText,
	"thinking":                  asText,
	"signature":                 asOpaque,
	"data":                      asOpaque, // redacted_thinking
	"id":                        asID,
	"tool_use_id":               asID,
	"name":                      asTool,
	"input":                     asToolCall,
	"input.**":                  asToolCall,
	"content":                   asToolResult,
	"content.**":                asToolResult,
	"content.type":              asSkip,
	"content.text":              asToolResult,
	"content.source.type":       asSkip,
	"content.source.media_type": asSkip,
	"content.source.data":       asMedia,
	"content.encrypted_content": asOpaque,
	"content.encrypted_index":   asOpaque,
	"title":                     asFileName,
	"context":                   asText,
	"source.type":               asSkip,
	"source.media_type":         asSkip,
	"source.data":               asMedia,
	"source.file_id":            asID,
	"source.content":            asFile,
	"source.content.text":       asFile,
	"source.content.type":       asSkip,
	"source.content.source":     asID,
	"cache_control.type":        asSkip,
	"cache_control.ttl":         asSkip,
}

var anthropicBatches = merge(anthropicMessages.under("requests.params"), fields{"requests.custom_id": asMetadata})
