package prompt

// The private interfaces of chat applications. They change without notice: what
// is not named here is read as metadata.

var chatGPTWeb = merge(request, fields{
	"action":                                 asSkip,
	"messages.id":                            asID,
	"messages.author.role":                   asOuterRole,
	"messages.content.content_type":          asSkip,
	"messages.content.text":                  asText,
	"messages.content.parts":                 asText,
	"messages.content.parts.text":            asText,
	"messages.content.parts.content_type":    asSkip,
	"messages.content.parts.asset_pointer":   asID,
	"messages.metadata.attachments.id":       asID,
	"messages.metadata.attachments.name":     asFileName,
	"messages.metadata.attachments.mimeType": asSkip,
	"parent_message_id":                      asID,
	"system_hints":                           asID,
	"timezone":                               asID,
	"prompt":                                 asText,
	"file_name":                              asFileName,
	"use_case":                               asID,
	"title":                                  asText,
	"instructions":                           asSystem,
	"about_user_message":                     asText,
	"about_model_message":                    asText,
})

var claudeWeb = merge(request, fields{
	"prompt":                        asText,
	"attachments.file_name":         asFileName,
	"attachments.file_type":         asSkip,
	"attachments.extracted_content": asFile,
	"files":                         asID,
	"personalized_styles.prompt":    asSystem,
	"personalized_styles.name":      asName,
	"timezone":                      asID,
	"locale":                        asID,
	"rendering_mode":                asSkip,
	"parent_message_uuid":           asID,
	"file_name":                     asFileName,
	"content":                       asFile, // documents of a project
	"prompt_template":               asSystem,
})

// copilotWeb are the WebSocket messages of Microsoft Copilot.
var copilotWeb = fields{
	"event":                asSkip,
	"mode":                 asSkip,
	"conversationId":       asConversation,
	"content.type":         asSkip,
	"content.text":         asText,
	"content.url":          asImage,
	"content.attachmentId": asID,
	"text":                 asText,
}

// m365 are the SignalR records of Microsoft 365 Copilot.
var m365 = fields{
	"target":                           asSkip,
	"invocationId":                     asID,
	"protocol":                         asSkip,
	"arguments.source":                 asID,
	"arguments.tone":                   asModel,
	"arguments.message.text":           asText,
	"arguments.message.author":         asRole,
	"arguments.messages.text":          asText,
	"arguments.messages.author":        asRole,
	"arguments.writeAtCursor":          asText,
	"arguments.conversationId":         asConversation,
	"arguments.message.attachments.**": asFile,
}
