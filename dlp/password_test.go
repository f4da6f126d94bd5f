package dlp_test

import (
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
)

// TestPasswordsInSentences: what a person writes around a password, in the
// languages that the rules name.
func TestPasswordsInSentences(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	for _, text := range []string{
		"mein Passwort ist %", "das Kennwort lautet: %", "mot de passe est %", "mi contraseña es %", "la clave es %", "la password è %", "a senha é %",
		"hasło: %", "heslo: %", "jelszó: %", "şifre: %", "мой пароль: %", "пароль %", "κωδικός: %", "סיסמה: %", "كلمة المرور: %", "पासवर्ड: %", "รหัสผ่าน: %",
		"mật khẩu: %", "密码是%", "密碼：%", "パスワードは%です", "パスワードは「%」です", "비밀번호는 % 입니다", "wifi: GuestNet pw: %", "user=bob pass=%", "smtp_pass => '%'",
		"credentials: bob / %", "log in with bob and the password %.", "sshpass -p '%' ssh root@db1", "mysql -uroot -p% prod", "docker login -u bob -p %",
		"net use X: \\\\fs\\s /user:ACME\\bob %", "CREATE USER bob IDENTIFIED BY '%';", "echo % | sudo -S apt-get update", "requirepass %",
	} {
		for _, pw := range []string{"Tr0ub4dor&3", "hunter2Xk9!", "Sommer2026!"} {
			text := strings.ReplaceAll(text, "%", pw)
			hits := s.ScanText([]byte(text), nil)
			if len(hits) != 1 || string(text[hits[0].Start:hits[0].End]) != pw {
				t.Errorf("%s: %+v, want the password alone", text, hits)
			}
		}
	}
}

// TestNoPasswords: what stands near such words in prose and code.
func TestNoPasswords(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	for _, text := range []string{
		"the password for Server01 was reset", "set the password on Server01", "type OAuth2ClientLoginHandler struct", "login bob@host2.acme.io first",
		"--- PASS: TestParse2 (0.00s)", "func GetPasswordPolicy() *V2GetPasswordPolicyCall", "Password: strings.Repeat(s, MaxFieldLength+1)",
		"mysql -u root -p prod", "redis-cli -a $REDIS_PASSWORD", "bypass: enabled2", "password to X2 and Y3", "la clave es importante2",
	} {
		if hits := s.ScanText([]byte(text), nil); len(hits) > 0 && hits[0].Class == "secret" {
			t.Errorf("%s: %+v", text, hits)
		}
	}
}

// TestWeakPasswords: what people do choose, where a word and a sign say what it is.
func TestWeakPasswords(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	for text, want := range map[string]string{
		"SMTP_PASSWORD=Frühling2024!":                     "Frühling2024!",
		"пароль: Весна2024":                               "Весна2024",
		"κωδικός: θάλασσα9":                               "θάλασσα9",
		"the password for the router is kitchen42":        "kitchen42",
		"le mot de passe du wifi est soleil2023":          "soleil2023",
		"la contraseña del servidor es gato2019":          "gato2019",
		"a senha do roteador: pipoca2023":                 "pipoca2023",
		"пароль от почты: zima2024":                       "zima2024",
		"- name: DB_PASSWORD\n  value: grün44tee":         "grün44tee",
		`{"name":"DB_PASSWORD","value":"kirsche9"}`:       "kirsche9",
		"user/pass: bob / kitchen42":                      "kitchen42",
		"username/password = bob/kitchen42, try it":       "kitchen42",
		"220 ready\r\nUSER bob\r\nPASS kitchen42\r\nLIST": "kitchen42",
	} {
		hits := s.ScanText([]byte(text), nil)
		if len(hits) != 1 || text[hits[0].Start:hits[0].End] != want {
			t.Errorf("%s: %+v, want the password alone", text, hits)
		}
	}
	for _, text := range []string{
		"PASS src/login.user2.js", "PASS TestUser2 in 3 s", "user/pass are checked in step2", "the password for Server01 was reset", "password of the user: required",
		"пароль от почты: обязательно", "- name: PASSWORD\n  valueFrom: secret2ref", `{"name":"password","type":"string2"}`, "password für den Zugang: mindestens8 Zeichen",
	} {
		if hits := s.ScanText([]byte(text), nil); len(hits) > 0 && hits[0].Class == "secret" {
			t.Errorf("%s: %+v", text, hits)
		}
	}
}
