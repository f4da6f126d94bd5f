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
		`mein Token ist V`, `Token lautet: V`, `le token est V`, `il token è V`, `token 是 V`, `tokenはVです`, `token is now "V"`, `token: 「V」`,
	} {
		i := strings.Index(strings.ToLower(text), "token") + len("token")
		if got, ok := assigned([]byte(text), i); !ok || text[got] != 'V' {
			t.Errorf("%s: value at %d (%v)", text, got, ok)
		}
	}
	for _, text := range []string{"token", "token ", "token V", "token, V", "token, \"V\"", "tokens are V", "token. V", "token=", "token to V", "token isV"} {
		if got, ok := assigned([]byte(text), 5); ok {
			t.Errorf("%s: value at %d, want none", text, got)
		}
	}
}
