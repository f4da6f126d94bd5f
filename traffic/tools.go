package traffic

import "slices"

const (
	// maxNames bounds the tools and the servers of one prompt: an agent declares
	// a few dozen.
	maxNames = 32

	// maxName bounds each name; the services allow 64 or 128 bytes.
	maxName = 64
)

// UseTool notes that p declares or calls a tool. What is no name of a tool is
// passed over, as is what is beyond a bound.
func (p *Prompt) UseTool(name string) { p.Tools = noted(p.Tools, name) }

// UseServer notes a remote MCP server that p hands over or is sent to: its host,
// or its label where that is all that is known.
func (p *Prompt) UseServer(name string) { p.Servers = noted(p.Servers, name) }

// useAll adds what another message of the same connection names.
func (p *Prompt) useAll(q *Prompt) {
	for _, name := range q.Tools {
		p.UseTool(name)
	}
	for _, name := range q.Servers {
		p.UseServer(name)
	}
}

func noted(list []string, name string) []string {
	if name == "" || len(name) > maxName || len(list) == maxNames || !plain(name, "-_.:/") || slices.Contains(list, name) {
		return list
	}
	return append(list, name)
}
