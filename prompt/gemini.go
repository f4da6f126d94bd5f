package prompt

import "strings"

// geminiParts are the parts of a content.
var geminiParts = fields{
	"text":                          asText,
	"thoughtSignature":              asOpaque,
	"thought_signature":             asOpaque,
	"inlineData.data":               asMedia,
	"inlineData.mimeType":           asSkip,
	"inlineData.displayName":        asFileName,
	"inline_data.data":              asMedia,
	"inline_data.mime_type":         asSkip,
	"fileData.mimeType":             asSkip,
	"functionCall.name":             asTool,
	"functionCall.id":               asID,
	"functionCall.args.**":          asToolCall,
	"function_call.name":            asTool,
	"function_call.args.**":         asToolCall,
	"functionResponse.name":         asName,
	"functionResponse.id":           asID,
	"functionResponse.response.**":  asToolResult,
	"function_response.name":        asName,
	"function_response.response.**": asToolResult,
	"executableCode.code":           asToolCall,
	"executableCode.language":       asSkip,
	"codeExecutionResult.output":    asToolResult,
	"codeExecutionResult.outcome":   asSkip,
}

// geminiContent is one content, or a list of them.
var geminiContent = merge(geminiParts.under("parts"), fields{"role": asRole, "parts": asText})

// geminiSystem is an instruction to the model.
var geminiSystem = fields{"parts": asSystem, "parts.text": asSystem, "role": asRole, "text": asSystem}

// geminiRequest is the body of generateContent and its relatives.
var geminiRequest = merge(request,
	geminiContent.under("contents"), geminiContent.under("content"),
	geminiSystem.under("systemInstruction"), geminiSystem.under("system_instruction"),
	fields{
		"contents":                         asText,
		"content":                          asText,
		"systemInstruction":                asSystem,
		"system_instruction":               asSystem,
		"tools.functionDeclarations.**":    asToolDefinition,
		"tools.functionDeclarations.name":  asTool,
		"tools.function_declarations.**":   asToolDefinition,
		"tools.function_declarations.name": asTool,
		"safetySettings.*":                 asID,
		"safety_settings.*":                asID,
		"taskType":                         asSkip,
		"title":                            asText,
		"instances":                        asText, // Vertex AI :predict
		"instances.**":                     asText,
		"session_id":                       asConversation,
	})

// geminiGenerate is the same in all its wrappings: batches, token counts, Code
// Assist, and the messages of a live session.
var geminiGenerate = merge(geminiRequest,
	geminiRequest.under("requests"), geminiRequest.under("request"), geminiRequest.under("generateContentRequest"),
	geminiRequest.under("setup"), geminiContent.under("clientContent.turns"),
	fields{
		"project":                                       asOrganisation,
		"user_prompt_id":                                asID,
		"realtimeInput.text":                            asText,
		"realtimeInput.mediaChunks.data":                asAudio,
		"realtimeInput.audio.data":                      asAudio,
		"realtimeInput.video.data":                      asImage,
		"toolResponse.functionResponses.**":             asToolResult,
		"serverContent.modelTurn.parts.text":            asText,
		"serverContent.modelTurn.parts.inlineData.data": asAudio,
	})

// googlePath reads the project and the model out of
// /v1/projects/{p}/locations/{l}/publishers/{v}/models/{model}:{verb}.
func googlePath(path string) (project, model string) {
	if i := strings.LastIndexByte(path, ':'); i >= 0 {
		path = path[:i]
	}
	if model = after(path, "/models/"); model == "" {
		model = after(path, "/tunedModels/")
	}
	return after(path, "/projects/"), model
}
