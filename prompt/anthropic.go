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
	"anthropic_beta":       asSkip,
	"thinking.type":        asSkip,
	"prompt":               asText,
	"tool_choice.name":     asSkip,
	"output_config.effort": asSkip,
})

// anthropicContent are the blocks of a message.
var anthropicContent = fields{
	"type":                      asSkip,
	"text":                      asText,
	"thinking":                  asText,
	"signature":                 asOpaque,
	"data":                      asOpaque, // redacted_thinking
	"id":                        asSkip,
	"tool_use_id":               asSkip,
	"name":                      asName,
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
	"source.file_id":            asSkip,
	"source.content":            asFile,
	"source.content.text":       asFile,
	"source.content.type":       asSkip,
	"source.content.source":     asSkip,
	"cache_control.type":        asSkip,
	"cache_control.ttl":         asSkip,
}

var anthropicBatches = merge(anthropicMessages.under("requests.params"), fields{"requests.custom_id": asMetadata})
