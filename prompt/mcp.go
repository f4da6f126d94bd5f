package prompt

// mcp are the JSON-RPC messages of the Model Context Protocol and of A2A.
var mcp = fields{
	"jsonrpc":                      asSkip,
	"id":                           asID,
	"method":                       asSkip,
	"params.name":                  asName,
	"params.uri":                   asMetadata,
	"params.protocolVersion":       asSkip,
	"params.arguments.**":          asToolCall,
	"params.argument.value":        asToolCall,
	"params.message.role":          asRole,
	"params.message.parts.text":    asText,
	"params.messages.role":         asRole,
	"params.messages.content.text": asText,
	"params.systemPrompt":          asSystem,
	"result.**":                    asToolResult,
}
