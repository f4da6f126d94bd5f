package classifier

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// maxToken bounds the tokens that are looked into. Entra tokens with many
// groups come near it.
const maxToken = 16 << 10

// personalTenant is the Entra tenant of all personal Microsoft accounts.
const personalTenant = "9188040d-6c67-4c5b-b112-36a304b66dad"

// byCredential reads what the credential of a request says.
func (a *accounts) byCredential(x *traffic.Exchange, s traffic.Surface, acc *traffic.Account) {
	scheme, token, _ := strings.Cut(strings.TrimSpace(first(x.Header, "Authorization")), " ")
	switch {
	case strings.EqualFold(scheme, "Bearer"):
		a.byToken(strings.TrimSpace(token), s, acc)
	case strings.EqualFold(scheme, "Token"), strings.EqualFold(scheme, "Key"), strings.EqualFold(scheme, "Api-Key"),
		strings.EqualFold(scheme, "DeepL-Auth-Key"): // schemes that no session uses
		a.byToken(strings.TrimSpace(token), traffic.SurfaceAPI, acc)
	case strings.HasPrefix(scheme, "AWS4-HMAC"):
		a.byAccessKey(token, acc)
	case token == "" && bareKey(scheme): // AssemblyAI: the key alone
		a.keyed(scheme, acc)
	}
	for _, h := range a.keyHeaders {
		if k := first(x.Header, h); k != "" && acc.Key == "" {
			a.byToken(k, traffic.SurfaceAPI, acc)
		}
	}
	for _, q := range a.keyQueries {
		if k := x.Query.Get(q); k != "" && acc.Key == "" {
			a.keyed(k, acc)
		}
	}
}

// byToken takes a bearer token for what it is: a person's session, a signed
// token with claims, or an API key.
func (a *accounts) byToken(token string, s traffic.Surface, acc *traffic.Account) {
	switch {
	case token == "" || len(token) > maxToken:
	case strings.HasPrefix(token, "eyJ"):
		claimsOf(token).account(acc)
	case strings.HasPrefix(token, "tid=") && strings.Contains(token, ";"):
		a.copilot(token, acc)
	case startsWithAny(token, a.sessions):
		if acc.Kind == "" {
			acc.Kind = traffic.AccountPersonal
		}
	case s == traffic.SurfaceWeb && !startsWithAny(token, a.keyPrefixes):
		// an app's own session, renewed too often to tell accounts apart
	default:
		a.keyed(token, acc)
	}
}

// keyed notes the use of an API key.
func (a *accounts) keyed(key string, acc *traffic.Account) {
	acc.Kind = traffic.AccountAPIKey
	acc.Key = a.key.Hash(traffic.PrintKind, key)
	if strings.HasSuffix(key, ":fx") && acc.Plan == "" { // DeepL marks keys of its free plan
		acc.Plan = "free"
	}
}

// byAccessKey takes the access key id out of "Credential=AKIA.../date/...".
// Temporary ones (ASIA) change every hour and tell nothing.
func (a *accounts) byAccessKey(params string, acc *traffic.Account) {
	_, rest, ok := strings.Cut(params, "Credential=")
	k, _, ok2 := strings.Cut(rest, "/")
	if !ok || !ok2 || len(k) < 16 || len(k) > maxID {
		return
	}
	acc.Kind = traffic.AccountAPIKey
	if strings.HasPrefix(k, "AKIA") {
		acc.Key = a.key.Hash(traffic.PrintKind, k)
	}
}

// copilot reads the "tid=...;sku=...;" text of a GitHub Copilot token.
func (a *accounts) copilot(token string, acc *traffic.Account) {
	for field := range strings.SplitSeq(token, ";") {
		sku, ok := strings.CutPrefix(field, "sku=")
		if !ok {
			continue
		}
		if acc.Plan == "" {
			acc.Plan = id(sku)
		}
		for _, plan := range strings.Split(sku, "_") {
			if k := a.kindOf(plan); k != "" && acc.Kind == "" {
				acc.Kind = k
			}
		}
		return
	}
}

func startsWithAny(s string, starts []string) bool {
	for _, p := range starts {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// bareKey reports whether a credential without a scheme looks like a key.
func bareKey(s string) bool {
	if len(s) < 24 || len(s) > maxID {
		return false
	}
	for i := range len(s) {
		if c := s[i]; !('0' <= c && c <= '9' || 'a' <= c && c <= 'f') {
			return false
		}
	}
	return true
}

// claims is what Gnomon reads of a JWT. Nothing verifies the signature: the
// service will, and a forged claim only mislabels the forger's own use.
type claims struct {
	OpenAI struct {
		Account string `json:"chatgpt_account_id"`
		Plan    string `json:"chatgpt_plan_type"`
	} `json:"https://api.openai.com/auth"`
	Tenant string `json:"tid"` // Microsoft Entra
}

// claimsOf returns the claims of a JWT, empty for anything else.
func claimsOf(token string) (c claims) {
	if len(token) > maxToken {
		return c
	}
	_, rest, ok := strings.Cut(token, ".")
	payload, _, ok2 := strings.Cut(rest, ".")
	if !ok || !ok2 {
		return c
	}
	b, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(payload, "="))
	if err != nil || json.Unmarshal(b, &c) != nil {
		return claims{}
	}
	return c
}

// account adds what the claims say.
func (c claims) account(acc *traffic.Account) {
	if acc.Plan == "" {
		acc.Plan = strings.ToLower(id(c.OpenAI.Plan))
	}
	if acc.Organisation == "" {
		acc.Organisation = id(c.OpenAI.Account)
	}
	if c.Tenant == "" {
		return
	}
	if acc.Organisation == "" {
		acc.Organisation = id(c.Tenant)
	}
	if acc.Kind == "" {
		acc.Kind = traffic.AccountCorporate
		if c.Tenant == personalTenant {
			acc.Kind = traffic.AccountPersonal
		}
	}
}
