package dlp

import (
	"strings"
	"testing"
)

func TestAssigned(t *testing.T) {
	for _, text := range []string{
		`token=V`, `token = V`, `token: V`, `"token": "V"`, `'token' => 'V'`, `token := "V"`, `my_token_prod: V`, `token.value="V"`, `TOKEN=V`,
		`<token>V</token>`, "<token>\n    V\n</token>", `$token .= "V"`, `token "V";`, `the token is V`, `token is: V`, `token == "V"`, `{\"token\":\"V\"}`,
		`setProperty("TOKEN", "V")`, `var token string = "V"`, `let token: String = "V"`, `token[0] = @"V"`,
		`mein Token ist V`, `token je V`, `tokenet er V`, `tokenคือ V`, `Token lautet: V`, `le token est V`, `il token è V`, `token 是 V`, `tokenはVです`, `token is now "V"`, `token: 「V」`,
		"name: DB_TOKEN\n    value: V", "- name: token\r\n  value: \"V\"", `{"name":"TOKEN","value":"V"}`, `"Name": "token", "Value": "V"`, `{\"name\":\"token\",\"value\":\"V\"}`, `<add key="token" value="V"/>`,
		"the token for the guest network is V", "le token du wifi est V", "el token del servidor es V", "o token do roteador: V", "token от почты: V", "token für das WLAN lautet: V",
		"the token that the guests get is V", "tokenı: V", "den tokenet er V", "the token was changed to V", "il token provvisorio del registro è V", "token for the call of parents: V",
	} {
		i := strings.Index(strings.ToLower(text), "token") + len("token")
		if got, ok := assigned([]byte(text), i); !ok || text[got] != 'V' {
			t.Errorf("%s: value at %d (%v)", text, got, ok)
		}
	}
	for _, text := range []string{"token", "token ", "token V", "token, V", "token, \"V\"", "tokens are V", "token. V", "token=", "token to V", "token isV", "token\nvalues: V", "token\nV", "token of them\n", "token for V", "token for one of the many others that we had: V", "token in line: V"} {
		if got, ok := assigned([]byte(text), 5); ok {
			t.Errorf("%s: value at %d, want none", text, got)
		}
	}
}
