package prompt

import (
	"bytes"
	"net/netip"
	"strings"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// mcp are the JSON-RPC messages of the Model Context Protocol and of A2A.
var mcp = fields{
	"jsonrpc":                      asSkip,
	"id":                           asID,
	"method":                       asSkip,
	"params.name":                  asTool,
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

// mcpFacts notes that a message of MCP goes to a server, and drops the name of
// what it calls when that is no tool: prompts/get has a params.name, too.
func mcpFacts(x *traffic.Exchange, p *traffic.Prompt) {
	if p.Format != "mcp" || x.From == traffic.FromServer {
		return
	}
	family, isMCP, calls := "", false, false
	members(x.Body, func(key, value []byte) bool {
		if string(key) != "method" {
			return true
		}
		method := string(bytes.Trim(value[:min(len(value), maxID)], `"`))
		calls = method == "tools/call"
		family, _, _ = strings.Cut(method, "/")
		switch family {
		case "initialize", "tools", "resources", "prompts", "completion", "notifications", "logging":
			isMCP = true
		}
		return false
	})
	if isMCP {
		p.UseServer(x.Flow.Host)
	}
	if !calls && bytes.HasPrefix(bytes.TrimLeft(x.Body, " \t\r\n"), []byte("{")) { // a batch may call behind its first message
		p.Tools = nil
	}
}

// hostOf returns the host that a URL names, "" when it is none.
func hostOf(url []byte) string {
	_, rest, ok := strings.Cut(string(url), "://")
	if !ok {
		return ""
	}
	if i := strings.IndexAny(rest, "/?#\\"); i >= 0 {
		rest = rest[:i]
	}
	rest = rest[strings.LastIndexByte(rest, '@')+1:] // names and passwords
	if a, err := netip.ParseAddrPort(rest); err == nil {
		return a.Addr().String()
	}
	host := traffic.CanonicalHost(rest)
	if !strings.Contains(host, ".") && host != "localhost" {
		return ""
	}
	return host
}
