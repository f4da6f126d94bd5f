package testnet

// The secrets in the office's prompts are made up: they have the form of the
// real thing and belong to nobody.
const (
	fakeAWSKey   = "AKIAZ7Q4MNPLK3WXR2TJ"
	fakeGitHub   = "ghp_" + "A7dK2mQ9xV4bN8cR1tY6uW3eZ5jL0h2CCVpV"
	fakeCard     = "4539 1488 0343 6467"
	fakeIBAN     = "DE59 3702 0504 0435 3201 30"
	fakeSSN      = "536-22-8726"
	fakeDatabase = "postgres://billing:Tr0ub4dor-x3@db.internal.example:5432/billing"
)

// person is one of the office.
type person struct {
	name  string
	from  string // the address of the desk
	tasks []task
}

// task is one use of the network.
type task struct {
	host, path string
	model      string
	format     format
	stream     bool
	text       string
}

type format uint8

const (
	formatChat format = iota
	formatResponses
	formatMessages
	formatGemini
	formatUpload
	formatSite
)

// office is a day at work: ten people, approved services and others, prompts
// with things in them that should not leave.
func office() []person {
	chat := func(host, model, text string) task {
		return task{host: host, path: "/v1/chat/completions", model: model, format: formatChat, text: text}
	}
	streamed := func(t task) task { t.stream = true; return t }
	responses := func(text string) task {
		return task{host: HostOpenAI, path: "/v1/responses", model: "gpt-4.1", format: formatResponses, text: text}
	}
	claude := func(text string) task {
		return task{host: HostAnthropic, path: "/v1/messages", model: "claude-sonnet-4-5", format: formatMessages, text: text}
	}
	gemini := func(text string) task {
		return task{host: HostGemini, path: "/v1beta/models/gemini-2.5-flash:generateContent", model: "gemini-2.5-flash", format: formatGemini, text: text}
	}
	site := task{host: HostSite, path: "/", format: formatSite}
	return []person{
		{"ana", "127.0.1.11", []task{
			claude("Summarise the meeting notes: the release moves to Thursday."),
			streamed(claude("Why does this fail? export AWS_ACCESS_KEY_ID=" + fakeAWSKey)),
			site,
		}},
		{"bert", "127.0.1.12", []task{
			chat(HostOpenAI, "gpt-4o", "Write a polite reminder for the customer with card "+fakeCard+"."),
			streamed(chat(HostOpenAI, "gpt-4o", "Now shorter, and without the date.")),
		}},
		{"chen", "127.0.1.13", []task{
			streamed(chat(HostOpenAI, "gpt-4o-mini", "Review this script: git clone https://"+fakeGitHub+"@github.com/acme/core.git")),
			responses("Draft release notes for version 2.4."),
			{host: HostOpenAI, path: "/v1/files", format: formatUpload, text: "name,iban\nMeier," + fakeIBAN + "\n"},
		}},
		{"dora", "127.0.1.14", []task{
			gemini("Translate into French: the invoice is overdue."),
			gemini("Fill in the form for employee SSN " + fakeSSN + ", phone +49 30 901820."),
		}},
		{"emil", "127.0.1.15", []task{
			chat(HostDeepSeek, "deepseek-chat", "Explain our pricing sheet to a customer."),
			chat(HostDeepSeek, "deepseek-chat", "Compare it with the competitor's."),
		}},
		{"fatma", "127.0.1.16", []task{
			chat(HostMistral, "mistral-large-latest", "Connection string "+fakeDatabase+" times out, what is wrong?"),
		}},
		{"george", "127.0.1.17", []task{
			chat(HostUnknownAI, "acme-13b", "Classify this ticket: printer on fire."),
			streamed(chat(HostUnknownAI, "acme-13b", "And this one: please call erika.mustermann@example.org back.")),
		}},
		{"hana", "127.0.1.18", []task{
			{host: HostGroq, path: "/openai/v1/chat/completions", model: "llama-3.3-70b-versatile", format: formatChat, text: "Name ten teams after rivers."},
			site,
		}},
		{"ivan", "127.0.1.19", []task{
			streamed(responses("Turn these minutes into tasks for anna.kowalska@example.org.")),
			{host: HostOpenAI, path: "/v1/embeddings", model: "text-embedding-3-small", format: formatResponses, text: "onboarding handbook, chapter 2"},
		}},
		{"jo", "127.0.1.20", []task{site, claude("Write a unit test for a leap-year function.")}},
	}
}

// People returns the user names of the office.
func People() (names []string) {
	for _, p := range office() {
		names = append(names, p.name)
	}
	return names
}
