package prompt

import (
	"net/url"
	"strings"
)

// bedrock are the bodies of converse, of invoke for each vendor's models, of
// guardrails, agents and knowledge bases.
var bedrock = merge(request, anthropicMessages, bedrockContent.under("messages.content"), fields{
	"toolConfig.tools.toolSpec.**":   asToolDefinition,
	"toolConfig.tools.toolSpec.name": asTool,
	"inputText":                      asText, // Titan, agents
	"prompt":                         asText, // Llama, Mistral
	"message":                        asText, // Cohere
	"chat_history.message":           asText,
	"chat_history.role":              asRole,
	"preamble":                       asSystem,
	"texts":                          asText,
	"text_prompts.text":              asText, // Stability
	"textToImageParams.text":         asText,
	"content.text.text":              asText, // guardrails
	"retrievalQuery.text":            asText,
	"input.text":                     asText,
	"sessionId":                      asConversation,
})

var bedrockContent = fields{
	"text":                        asText,
	"toolUse.name":                asTool,
	"toolUse.toolUseId":           asID,
	"toolUse.input.**":            asToolCall,
	"toolResult.toolUseId":        asID,
	"toolResult.content.text":     asToolResult,
	"toolResult.content.json.**":  asToolResult,
	"image.format":                asSkip,
	"image.source.bytes":          asImage,
	"document.format":             asSkip,
	"document.name":               asFileName,
	"document.source.bytes":       asMedia,
	"document.source.text":        asFile,
	"video.source.bytes":          asMedia,
	"guardContent.text.text":      asText,
	"reasoningContent.**":         asText,
	"cachePoint.type":             asSkip,
	"citationsContent.**":         asText,
	"toolResult.status":           asSkip,
	"toolResult.content.document": asMetadata,
}

// amazonQ is the body of Amazon Q Developer and Kiro.
var amazonQ = fields{
	"conversationState.conversationId":                                             asConversation,
	"conversationState.currentMessage.userInputMessage.content":                    asText,
	"conversationState.currentMessage.userInputMessage.modelId":                    asModel,
	"conversationState.currentMessage.userInputMessage.userInputMessageContext.**": asToolResult,
	"conversationState.history.userInputMessage.content":                           asText,
	"conversationState.history.userInputMessage.userInputMessageContext.**":        asToolResult,
	"conversationState.history.assistantResponseMessage.content":                   asText,
}

// bedrockModel reads the model out of /model/{id}/invoke, where it is escaped
// and may be an ARN.
func bedrockModel(path string) string {
	_, rest, ok := strings.Cut(path, "/model/")
	if !ok {
		return ""
	}
	id, _, _ := strings.Cut(rest, "/")
	if plain, err := url.PathUnescape(id); err == nil {
		return plain
	}
	return id
}
