package testnet

// The hosts of the stand-ins. The names of vendors are the real ones; only the
// addresses lead here.
const (
	HostOpenAI    = "api.openai.com"
	HostAnthropic = "api.anthropic.com"
	HostGemini    = "generativelanguage.googleapis.com"
	HostMistral   = "api.mistral.ai"
	HostDeepSeek  = "api.deepseek.com"
	HostGroq      = "api.groq.com"

	// HostUnknownAI speaks OpenAI's format and is in no catalogue.
	HostUnknownAI = "llm.acme-tools.example"
	// HostSite is an ordinary web site.
	HostSite = "www.intranet.example"

	// HostSelfSigned, HostExpired and HostWrongName have certificates that no
	// client should accept.
	HostSelfSigned = "selfsigned.bad.example"
	HostExpired    = "expired.bad.example"
	HostWrongName  = "wrongname.bad.example"

	// HostHTTP1 does not offer HTTP/2.
	HostHTTP1 = "http1.acme-tools.example"
)

func hosts() []string {
	return []string{
		HostOpenAI, HostAnthropic, HostGemini, HostMistral, HostDeepSeek, HostGroq,
		HostUnknownAI, HostSite, HostSelfSigned, HostExpired, HostWrongName, HostHTTP1,
	}
}

// OpenAIOrganization and AnthropicOrganization are what the stand-ins say in
// openai-organization and anthropic-organization-id.
const (
	OpenAIOrganization    = "acme-research"
	AnthropicOrganization = "7c1f0c1e-6a7b-4a6e-9a51-2d6c9a1f0b42"
)
