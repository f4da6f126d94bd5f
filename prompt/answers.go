package prompt

// What strings of an answer are for. Those that come whole need none: tokens are
// restored in all of them.
const (
	asPiece          use = iota + 64 // a piece of a text, which the next document goes on with
	asArgumentsPiece                 // the same of a text that is JSON
	asArguments                      // a whole text that is JSON
	asNamedPiece                     // a piece if the document is of a kind in pieceKinds
	asNumber                         // tells apart the texts that come at one time
	asPath                           // the same, and holds until another comes
	asLast                           // unless null or false: the texts beside it end here
	asKindOf                         // kind of the document
)

// answers says what stands where in the documents that answers consist of, of
// all formats in one: services copy each other's interfaces, and a document
// tells by its members what it is.
var answers = compile(merge(
	chatAnswer, responsesAnswer, anthropicAnswer,
	geminiAnswer, geminiAnswer.under("response"), // Code Assist
	otherAnswers,
), everything(asMetadata))

var chatAnswer = fields{
	"choices.index":                                 asNumber,
	"choices.finish_reason":                         asLast,
	"choices.text":                                  asPiece,
	"choices.delta.content":                         asPiece,
	"choices.delta.content.text":                    asPiece, // Mistral
	"choices.delta.refusal":                         asPiece,
	"choices.delta.reasoning":                       asPiece,
	"choices.delta.reasoning_content":               asPiece,
	"choices.delta.audio.transcript":                asPiece,
	"choices.delta.tool_calls.index":                asNumber,
	"choices.delta.tool_calls.function.arguments":   asArgumentsPiece,
	"choices.delta.function_call.arguments":         asArgumentsPiece,
	"choices.message.tool_calls.function.arguments": asArguments,
	"choices.message.function_call.arguments":       asArguments,
}

// responsesAnswer are responses of OpenAI and the events of a realtime session.
var responsesAnswer = fields{
	"type":                      asKindOf,
	"delta":                     asPiece, // of JSON where the kind says arguments
	"item_id":                   asNumber,
	"output_index":              asNumber,
	"content_index":             asNumber,
	"summary_index":             asNumber,
	"arguments":                 asArguments,
	"item.arguments":            asArguments,
	"output.arguments":          asArguments,
	"response.output.arguments": asArguments,
}

var anthropicAnswer = fields{
	"index":              asNumber,
	"delta.text":         asPiece,
	"delta.thinking":     asPiece,
	"delta.partial_json": asArgumentsPiece,
	"completion":         asPiece, // claude.ai, and the old interface
}

var geminiAnswer = fields{
	"candidates.index":                       asNumber,
	"candidates.finishReason":                asLast,
	"candidates.content.parts.text":          asPiece,
	"candidates.content.parts.thought":       asNumber,
	"serverContent.modelTurn.parts.text":     asPiece,
	"serverContent.turnComplete":             asLast,
	"serverContent.inputTranscription.text":  asPiece,
	"serverContent.outputTranscription.text": asPiece,
}

var otherAnswers = fields{
	// Ollama
	"response":         asPiece,
	"thinking":         asPiece,
	"message.content":  asPiece,
	"message.thinking": asPiece,
	"done":             asLast,
	// llama.cpp, Amazon Q
	"content": asPiece,
	"stop":    asLast,
	// Hugging Face
	"token.text":     asPiece,
	"generated_text": asLast,
	// Cohere
	"event_type":                 asKindOf,
	"text":                       asNamedPiece,
	"delta.message.content.text": asPiece,
	"delta.message.tool_plan":    asPiece,
	"delta.message.tool_calls.function.arguments": asArgumentsPiece,
	// Bedrock
	"contentBlockIndex":           asNumber,
	"delta.toolUse.input":         asArgumentsPiece,
	"delta.reasoningContent.text": asPiece,
	"generation":                  asPiece,
	"outputText":                  asPiece,
	"completionReason":            asLast,
	"outputs.text":                asPiece,
	"outputs.stop_reason":         asLast,
	// ChatGPT: a path, and what is put there; then more for the same path
	"p":   asPath,
	"v":   asPiece,
	"v.p": asPath,
	"v.v": asPiece,
	// Microsoft Copilot
	"event":     asKindOf,
	"messageId": asNumber,
	"partId":    asNumber,
}

// pieceKinds are the kinds of documents whose "text" is a piece.
var pieceKinds = map[string]bool{"appendText": true, "text-generation": true}

// lastKinds are the ends of the kinds of documents after which a text does not
// go on.
var lastKinds = []string{"stop", "done", "completed", "failed", "incomplete", "error", "-end", "message_delta", "partCompleted"}
