package dlp_test

import (
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
)

// TestKeysWithoutName: a key of no vendor is told by the words before it, in
// whatever words a person says so.
func TestKeysWithoutName(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	keys := []string{"8c1f0a6be29d4735f01c9a7be5d3428f", "su9mI4ROnl89Sm995ytb", "k3jT/9sWq2ZxC7vBn5MdR8yL+pF4aGe61", "q7w2x9k4m1n8b5v0c3z6l2j4"}
	for _, text := range []string{
		"the api key for acme is %", "X-Acme-Key: %", "token %", "--token %", "- name: API_KEY\n  value: %", `{"name": "TOKEN", "value": "%"}`,
		"API-Schlüssel: %", "clé API : %", "la clave de API es %", "ключ API: %", "API密钥：%", "APIキーは%です", "API Key\n%", "PHPSESSID=%", "setx ACME_KEY %",
	} {
		for _, k := range keys {
			text := strings.ReplaceAll(text, "%", k)
			if got := s.ScanText([]byte(text), nil); len(got) == 0 || string(text[got[0].Start:got[0].End]) != k || got[0].Class != "secret" {
				t.Errorf("%q: %v, want the key alone", text, got)
			}
		}
	}
}

// TestNoKeys: names, digests, lines of data and identifiers are no keys, whatever
// word stands near.
func TestNoKeys(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	line := "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCNRCEmf5PlbXKu"
	for _, text := range []string{
		"return key, newX509TransportFixture(t)",
		"KeyAlgoRSASHA256: multiAlgoRSASignerSHA256, // key",
		"token commit 4f9cc6602d3f66b9c108549d475ec49e8ef4d45e",
		"sha256 of the key: 5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8",
		"token id 6f1c2b3a-9d4e-4f57-8a61-0c9be27d15f3",
		"a key\n" + line + "\n" + line + "\n",
		"the key v1beta1/inboundSamlSsoProfiles2/list3",
		"order 8c1f0a6be29d4735f01c9a7be5d3428f",
	} {
		for _, h := range s.ScanText([]byte(text), nil) {
			if h.Class == "secret" {
				t.Errorf("%q: %+v", text, h)
			}
		}
	}
}
