package traffic

import (
	"net/http"
	"net/netip"
	"strings"
)

// Speaker is who speaks where. What two speakers differ in keeps their tokens
// apart.
type Speaker struct {
	Who          string
	Service      string
	Conversation string // "": the request names none
}

// Vault stands tokens in for values and knows them again. Its methods are safe
// for concurrent use and don't block.
type Vault interface {
	// Empty reports whether there can't be any tokens, at no cost.
	Empty() bool
	// Open returns the tokens of a speaker, nil when there can't be any. With make
	// it is never nil.
	Open(s Speaker, make bool) Tokens
}

// Tokens are those of one speaker. Their methods are safe for concurrent use.
type Tokens interface {
	// Hide returns what stands for the value of f, "" when the value can't be
	// kept. For a token of the speaker that is itself.
	Hide(f *Finding, value []byte) string
	// Names returns the names of all tokens, in order; the caller must not change
	// them. It may wait for another gateway's, but not for long.
	Names() []string
	// Value returns what a name stands for, nil when that is gone.
	Value(name string) []byte
	// Restored counts tokens that were replaced in an answer.
	Restored(n int)
}

// AnswerCodec writes values back into the answers of AI services.
type AnswerCodec interface {
	// Restorer returns what restores tokens in an answer with these fields, whose
	// content coding has been taken off; nil where its format is not known.
	Restorer(x *Exchange, answer http.Header, t Tokens) Restorer
	// MessageRestorer returns what restores t in messages: old, where that is not
	// nil, with other tokens.
	MessageRestorer(old MessageRestorer, t Tokens) MessageRestorer
}

// Restorer restores tokens in one answer, piece by piece as it comes. It belongs
// to one goroutine.
type Restorer interface {
	// Append appends to dst what can go on once p has come: all but what may be
	// the beginning of a token.
	Append(dst, p []byte) []byte
	// End appends what is left when the answer has ended, whole or not.
	End(dst []byte) []byte
}

// MessageRestorer restores tokens in the messages that come from one side of a
// WebSocket. It belongs to one goroutine.
type MessageRestorer interface {
	// Restore returns what goes on in the place of a message. Messages of its own
	// that have to go before it come first; text itself, unless something in it
	// changes, comes last.
	Restore(text []byte) [][]byte
}

// UseVault has what rules pseudonymise kept in v. It must be called before
// traffic comes.
func (p *Pipeline) UseVault(v Vault) { p.vault = v }

// speaker tells whose the tokens of x are: the user's, or else those of the
// client and the key that it uses. A conversation is one at one service.
func (x *Exchange) speaker() Speaker {
	s := Speaker{Who: speaksAs + x.Flow.User, Service: x.Verdict.ID}
	if x.Flow.User == "" {
		s.Who = speaksFrom + x.Flow.Client.String()
		if x.Account.Kind == AccountAPIKey {
			s.Who += " key " + x.Account.Key
		}
	}
	if s.Service == "" {
		s.Service = x.Flow.Host
	}
	if s.Conversation = x.talk; x.Prompt != nil && x.Prompt.Conversation != "" {
		s.Conversation = x.Prompt.Conversation
	}
	return s
}

const (
	speaksAs   = "user "
	speaksFrom = "client "
)

// Person returns the user who speaks, or else the client; neither where a
// pipeline did not make s.
func (s Speaker) Person() (user string, client netip.Addr) {
	if user, ok := strings.CutPrefix(s.Who, speaksAs); ok {
		return user, client
	}
	if from, ok := strings.CutPrefix(s.Who, speaksFrom); ok {
		from, _, _ = strings.Cut(from, " ")
		client, _ = netip.ParseAddr(from)
	}
	return "", client
}

// open looks for tokens that x may have to restore in its answer. Those of other
// gateways are on their way here while the service answers.
func (p *Pipeline) open(x *Exchange) {
	if p.vault != nil && x.From != FromServer && !p.vault.Empty() {
		p.identify(&x.Flow)
		x.tokens = p.vault.Open(x.speaker(), false)
	}
}

// replacement returns what takes the place of a finding, the k-th of those that
// are replaced.
func (p *Pipeline) replacement(x *Exchange, k int, f *Finding) string {
	style, text := x.Decision.Style(k), x.Prompt.Parts[f.Part].Text
	if style == StyleToken && p.vault != nil && x.From != FromServer {
		if x.tokens == nil {
			x.tokens = p.vault.Open(x.speaker(), true)
		}
		if with := stand(x.tokens, f, text); with != "" {
			return with
		}
	}
	return style.Replace(f, text)
}

// hear takes over into x, a WebSocket, what a message m tells of the
// conversation.
func (x *Exchange) hear(m *Exchange, from Direction) {
	if from != FromClient {
		return
	}
	if m.Prompt != nil && m.Prompt.Conversation != "" {
		x.talk = m.Prompt.Conversation
	}
	if m.tokens != nil {
		x.tokens = m.tokens
	}
}

// tokensOf returns the tokens that may stand in the answer to x, nil when there
// are none. Of a request without a body the path may tell the conversation.
func (p *Pipeline) tokensOf(x *Exchange) Tokens {
	if p.vault == nil || x.stages.Answers == nil || !x.Verdict.AI() || p.vault.Empty() {
		return nil
	}
	if x.tokens == nil && x.Prompt == nil && x.From == "" && len(x.Body) == 0 {
		s := x.speaker()
		if prompt, err := x.stages.Codec.Read(x); err == nil {
			s.Conversation = prompt.Conversation
			prompt.release()
		}
		x.tokens = p.vault.Open(s, false)
	}
	if x.tokens == nil || len(x.tokens.Names()) == 0 {
		return nil
	}
	return x.tokens
}

// Restorer returns what restores tokens in the answer to x, nil when there is
// nothing to restore, as almost always, or no way to do it.
func (p *Pipeline) Restorer(x *Exchange, answer http.Header) Restorer {
	t := p.tokensOf(x)
	if t == nil {
		return nil
	}
	return x.stages.Answers.Restorer(x, answer, t)
}

// MessageRestorer is Restorer for the messages of a WebSocket's service. It
// returns old while that serves.
func (p *Pipeline) MessageRestorer(x *Exchange, old MessageRestorer) MessageRestorer {
	t := p.tokensOf(x)
	if t == nil {
		return old
	}
	return x.stages.Answers.MessageRestorer(old, t)
}
