package inventory

import "testing"

func TestAgent(t *testing.T) {
	for ua, want := range map[string]string{
		"":                                  "",
		"curl/8.5.0":                        "curl",
		"OpenAI/Python 1.99.0":              "openai",
		"claude-cli/2.0.14 (external, cli)": "claude-cli",
		"GitHub Copilot/1.2":                "github-copilot",
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                               "firefox",
		"Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0":        "edge",
		"Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15":                        "safari",
		"Mozilla/5.0 (Macintosh) AppleWebKit/537.36 (KHTML, like Gecko) Cursor/1.7.2 Chrome/138.0 Electron/37.2 Safari/537.36": "cursor",
		"sk-\x00key/1": "",
	} {
		if got := agent(ua); got != want {
			t.Errorf("agent(%q) = %q, want %q", ua, got, want)
		}
	}
}
