package dlp_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/traffic"
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
			hits := slices.DeleteFunc(s.ScanText([]byte(text), nil), func(h dlp.Hit) bool { return h.Class != traffic.ClassSecret })
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
	s := newListScanner(t)
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

// TestPasswordsPasted: how people paste passwords and codes, one of each kind.
func TestPasswordsPasted(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	for _, text := range []string{
		"enable secret ⟦Abc123x⟧", "net use \\\\srv\\share ⟦Pass123!⟧ /user:bob", "net user bob ⟦Katze123!⟧ /add", "echo 'bob:⟦Katze123!⟧' | chpasswd",
		"chpasswd <<< \"ann:⟦Winter24⟧\"", "Kennwort ⟦Katze123⟧", "password ⟦kitchen42⟧", "мой пароль ⟦зима2024⟧", "creds bob:⟦Winter24⟧",
		"what's the wifi password?\n⟦Katze123!⟧", "wie ist das WLAN-Passwort?\n⟦Sonne2024⟧", "Anna: what's the password?\nBob: ⟦kitchen42⟧",
		"[10:02] Anna: wifi password?\n[10:03] Bob: ⟦Katze123!⟧", "c'est quoi le mot de passe du wifi ?\n⟦soleil2023⟧", "Your temporary password:\n⟦Tg7kLm2p⟧",
		"passphrase: ⟦correct-horse-battery-staple⟧", "the password is ⟦correct horse battery staple⟧", "my PIN is ⟦4821⟧", "code de la porte ⟦4821B⟧",
		"the code for the safe is ⟦48-21-73⟧", "my mother's maiden name is ⟦Kowalski⟧", "your verification code is ⟦482913⟧",
		"recovery codes:\n⟦4f8a-92bc\n77de-01fa\na8c3-55e1⟧", "licence=⟦AB12C-DE34F-GH56I-JK78L⟧", "postgres://admin:⟦S3cretPass⟧@db.internal/x",
		"keytool -storepass ⟦kitchen42⟧ -list", "7z x -p⟦kitchen42⟧ a.7z", "unzip -P ⟦kitchen42⟧ a.zip", "openssl rsa -passin pass:⟦kitchen42⟧",
		"Password for bob@ACME.IO: ⟦kitchen42⟧", "psk=⟦kitchen42⟧", "SSHPASS=⟦kitchen42⟧ sshpass -e ssh bob@h1", "htpasswd -b .htpasswd bob ⟦kitchen42⟧",
		"snmp-server community ⟦n3tw0rkRO⟧ RO", "bob:⟦kitchen42⟧@tcp(db1:3306)/prod", "requests.get(u, auth=(\"bob\", \"⟦kitchen42⟧\"))",
		"expect \"password:\"\nsend \"⟦kitchen42⟧\\r\"", ": PSK \"⟦kitchen42⟧\"",
	} {
		before, rest, _ := strings.Cut(text, "⟦")
		value, after, _ := strings.Cut(rest, "⟧")
		text = before + value + after
		found := false
		for _, h := range s.ScanText([]byte(text), nil) {
			found = found || h.Class == "secret" && h.Start == len(before) && h.End == len(before)+len(value)
		}
		if !found {
			t.Errorf("%s: %+v, want the secret alone", text, s.ScanText([]byte(text), nil))
		}
	}
}

// TestNotPasted: what stands where such passwords and codes would.
func TestNotPasted(t *testing.T) {
	s := newListScanner(t)
	for _, text := range []string{
		"what's the password?\nI don't know", "password:\n  user: bob12345", "password:\n  secretKeyRef", "passwords:\n- required", "is this the password?\n\nchapter2 is about it",
		"password sha256", "password RFC2617", "the password field2 is wrong", "enable secret 5 of them", "net use \\\\srv\\share2 /user:bob", "net user bob /add",
		"PIN: 560001", "pin 4821 of the connector", "the pin is 4", "error code 4821", "exit code is 4821", "status code for the request is 5021", "postal code 48213",
		"verification code 12", "recovery codes are listed below", "backup codes: available", "mother's maiden name is required", "passphrase: must be at least eight characters",
		"the password is used only when needed", "password: must-not-be-empty", "psk=none", "licence=APACHE-2.0", "unzip -p a2.zip file2", "7z x a2.7z",
		"postgres://app:mysecretpassword@db7/x", "echo hunter2Xk9 | tee x", "AUTH PLAIN LOGIN CRAM-MD5", "AUTH SHA256", "identified by name2", "std::string::npos",
	} {
		for _, h := range s.ScanText([]byte(text), nil) {
			if h.Class == "secret" {
				t.Errorf("%s: %+v", text, h)
			}
		}
	}
}

// TestAnswerInNextMessage: a question in one message, the answer in the next.
func TestAnswerInNextMessage(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	for _, tt := range []struct {
		parts []string
		want  string // in the last part
	}{
		{[]string{"what's the wifi password?", "kitchen42"}, "kitchen42"},
		{[]string{"Hello.\nWie lautet das Kennwort?\n", " \nKatze123\n"}, "Katze123"},
		{[]string{"here is the password:", "kitchen42\n\nplease keep it"}, "kitchen42"},
		{[]string{"what's the wifi password?", "I have changed it, see page42"}, ""},
		{[]string{"what's the name of the room?", "kitchen42"}, ""},
		{[]string{"the password was changed.", "kitchen42"}, ""},
		{[]string{"what's the wifi password?", ""}, ""},
	} {
		var p traffic.Prompt
		for _, text := range tt.parts {
			p.Parts = append(p.Parts, traffic.Part{Kind: traffic.PartText, Text: []byte(text)})
		}
		last := len(tt.parts) - 1
		got := ""
		for _, f := range s.Scan(&p) {
			if f.Part != last || f.Class != traffic.ClassSecret || f.Print == "" {
				t.Errorf("%q: %+v", tt.parts, f)
				continue
			}
			got = tt.parts[last][f.Start:f.End]
		}
		if got != tt.want {
			t.Errorf("%q: found %q, want %q", tt.parts, got, tt.want)
		}
	}
}
