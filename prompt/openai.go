package prompt

// The bodies of the OpenAI API and of the many services that copy it.

// chatMessages are the messages of a chat completion.
var chatMessages = fields{
	"role":                             asRole,
	"content":                          asText,
	"content.text":                     asText,
	"content.refusal":                  asText,
	"content.type":                     asSkip,
	"content.image_url":                asImage,
	"content.image_url.url":            asImage,
	"content.image_url.detail":         asSkip,
	"content.input_audio.data":         asAudio,
	"content.input_audio.format":       asSkip,
	"content.file.file_data":           asMedia,
	"content.file.filename":            asFileName,
	"content.file.file_id":             asID,
	"refusal":                          asText,
	"reasoning_content":                asText,
	"reasoning":                        asText,
	"parts.text":                       asText, // AI SDK
	"parts.url":                        asMedia,
	"tool_calls.id":                    asID,
	"tool_calls.type":                  asSkip,
	"tool_calls.function.name":         asTool,
	"tool_calls.function.arguments":    asToolCall,
	"tool_calls.function.arguments.**": asToolCall, // Ollama sends an object
	"tool_calls.custom.name":           asTool,
	"tool_calls.custom.input":          asToolCall,
	"function_call.name":               asTool,
	"function_call.arguments":          asToolCall,
	"tool_call_id":                     asID,
	"images":                           asImage, // Ollama
	"experimental_attachments.url":     asMedia,
	"experimental_attachments.name":    asFileName,
}

// request is what all requests for an answer have in common.
var request = fields{
	"model":                  asModel,
	"stream":                 asStream,
	"tools.**":               asToolDefinition,
	"tools.name":             asTool,
	"tools.function.**":      asToolDefinition,
	"tools.function.name":    asTool,
	"tools.server_label":     asServer, // Responses: a remote MCP server
	"tools.server_url":       asServerURL,
	"mcp_servers.name":       asServer, // Anthropic
	"mcp_servers.url":        asServerURL,
	"functions.**":           asToolDefinition,
	"functions.name":         asTool,
	"tool_choice":            asID,
	"response_format.type":   asSkip,
	"reasoning_effort":       asSkip,
	"service_tier":           asID,
	"encoding_format":        asSkip,
	"conversation_id":        asConversation,
	"prompt_cache_retention": asSkip,
	"modalities":             asSkip,
}

var openAIChat = merge(request, chatMessages.under("messages"), fields{
	"prediction.content":      asText,
	"prediction.content.text": asText,
	"system":                  asSystem,
})

var openAICompletions = merge(request, fields{
	"prompt":        asText,
	"suffix":        asText,
	"extra.context": asText, // GitHub Copilot: pieces of other files
	"input_prefix":  asText, // llama.cpp
	"input_suffix":  asText,
})

// responseItems are the items of the input of a response, of a conversation and
// of a realtime session.
var responseItems = fields{
	"role":              asRole,
	"text":              asText, // moderations, embeddings: typed parts
	"content":           asText,
	"content.text":      asText,
	"content.refusal":   asText,
	"content.type":      asSkip,
	"content.image_url": asImage,
	"content.file_data": asMedia,
	"content.filename":  asFileName,
	"content.file_id":   asID,
	"content.audio":     asAudio,
	"content.detail":    asSkip,
	"output":            asToolResult,
	"output.text":       asToolResult,
	"output.image_url":  asImage,
	"output.type":       asSkip,
	"name":              asTool,
	"arguments":         asToolCall,
	"input":             asToolCall,
	"action.**":         asToolCall,
	"code":              asToolCall,
	"summary.text":      asText,
	"summary.type":      asSkip,
	"encrypted_content": asOpaque,
	"result":            asImage,
	"image_url":         asImage,
	"image_url.url":     asImage,
	"server_label":      asServer,
	"id":                asID,
	"call_id":           asID,
	"type":              asSkip,
	"status":            asSkip,
}

var openAIResponses = merge(request, responseItems.under("input"), responseItems.under("items"), fields{
	"instructions":         asSystem,
	"input":                asText,
	"prompt.id":            asID,
	"prompt.variables.**":  asText,
	"conversation":         asConversation,
	"conversation.id":      asConversation,
	"previous_response_id": asID,
	"include":              asID,
	"truncation":           asSkip,
	"reasoning.effort":     asSkip,
	"reasoning.summary":    asSkip,
})

// openAIInput are embeddings, moderations, speech and the like.
var openAIInput = merge(request, fields{
	"input":               asText,
	"input.text":          asText,
	"input.image_url":     asImage,
	"input.image_url.url": asImage,
	"input.type":          asSkip,
	"inputs":              asText,
	"inputs.**":           asText,
	"instructions":        asSystem,
	"prompt":              asText,
	"query":               asText,
	"documents":           asText,
	"documents.**":        asText,
	"text":                asText,
	"texts":               asText,
	"voice":               asID,
	"size":                asSkip,
	"quality":             asSkip,
	"image":               asImage,
	"images":              asImage,
	"images.image_url":    asImage,
	"mask":                asImage,
	"output_format":       asSkip,
})

// openAIThreads are assistants, threads and their runs.
var openAIThreads = merge(request,
	chatMessages.under("messages"), chatMessages.under("thread.messages"), chatMessages.under("additional_messages"), chatMessages,
	fields{
		"instructions":                asSystem,
		"additional_instructions":     asSystem,
		"description":                 asText,
		"assistant_id":                asID,
		"tool_outputs.output":         asToolResult,
		"tool_outputs.tool_call_id":   asID,
		"attachments.file_id":         asID,
		"tool_resources.**":           asMetadata,
		"messages.attachments.*":      asID,
		"thread.messages.attachments": asID,
	})

// openAIBatch is a line of a batch file.
var openAIBatch = merge(
	merge(openAICompletions, openAIInput, openAIResponses, openAIChat).under("body"),
	merge(openAICompletions, openAIInput, openAIResponses, openAIChat),
	fields{"custom_id": asMetadata, "method": asSkip, "url": asID})

// openAIRealtime are the events of a realtime session.
var openAIRealtime = merge(responseItems.under("item"), responseItems.under("response.input"), fields{
	"type":                       asSkip,
	"event_id":                   asID,
	"item_id":                    asID,
	"response_id":                asID,
	"previous_item_id":           asID,
	"session.model":              asModel,
	"session.instructions":       asSystem,
	"session.tools.**":           asToolDefinition,
	"session.tools.name":         asTool,
	"session.tools.server_label": asServer,
	"session.tools.server_url":   asServerURL,
	"response.instructions":      asSystem,
	"audio":                      asAudio,
	"delta":                      asMedia, // text or audio
	"transcript":                 asText,
	"text":                       asText,
})
