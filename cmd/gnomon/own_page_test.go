package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/proxy"
)

// staffed is an office whose proxy knows ann and bob, who have sent a prompt
// each: ann one with a secret.
func staffed(t *testing.T) *office {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte("pw"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	path := writeAuthFile(t, "ann:"+string(hash)+":sales", "bob:"+string(hash))
	o := startOffice(t, func(s *Settings) {
		s.Proxy.AuthFile = path
		s.Privacy.Reviewers = []string{"rita"}
	})
	transport := o.client.Transport.(*http.Transport)
	for _, user := range []string{"ann", "bob"} {
		to := &url.URL{Scheme: "http", Host: o.proxy.Addr().String(), User: url.UserPassword(user, "pw")}
		transport.Proxy = http.ProxyURL(to)
		text := "my key is " + fakeKey
		if user == "bob" {
			text = "hello"
		}
		if code, body := o.chat(t, text); code != 200 {
			t.Fatalf("%s: %d %s", user, code, body)
		}
		transport.CloseIdleConnections()
	}
	waitFor(t, "the sightings to be durable", func() bool { return o.inventory.Durable() == 2 })
	return o
}

func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited a minute for %s", what)
		}
	}
}

// raw sends a request head, as it stands, to an address and returns the answer.
func raw(t *testing.T, addr, head, body string) (code int, header http.Header, answer string) {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(time.Minute))
	if body != "" {
		head += fmt.Sprintf("Content-Length: %d\r\n", len(body))
	}
	if _, err := io.WriteString(c, head+"Connection: close\r\n\r\n"+body); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header, string(b)
}

func basic(user, password string) string {
	return "Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password)) + "\r\n"
}

// TestOwnPage shows each of two people what is kept of them, over curl, and
// nobody what is kept of another, whatever a client sends.
func TestOwnPage(t *testing.T) {
	o := staffed(t)
	addr := o.proxy.Addr().String()
	t.Run("curl", func(t *testing.T) { ownOverCurl(t, addr) })
	get := "GET http://gnomon.proxy/me HTTP/1.1\r\nHost: gnomon.proxy\r\nAccept: application/json\r\n"
	_, _, own := raw(t, addr, get+basic("bob", "pw"), "")
	var bobs proxy.OwnView
	if err := json.Unmarshal([]byte(own), &bobs); err != nil || bobs.Name != "bob" || bobs.Requests != 1 || len(bobs.Data) != 0 || len(bobs.Recent) != 1 {
		t.Fatalf("bob sees %s", own)
	}
	for name, head := range map[string]string{
		"a parameter":              "GET http://gnomon.proxy/me?user=ann&person=ann&id=" + o.inventory.Pseudonym("ann") + " HTTP/1.1\r\nHost: gnomon.proxy\r\n",
		"headers of other proxies": "GET http://gnomon.proxy/me HTTP/1.1\r\nHost: gnomon.proxy\r\nX-Forwarded-For: 192.0.2.1\r\nX-Forwarded-User: ann\r\nForwarded: for=192.0.2.1\r\nX-Authenticated-User: ann\r\nRemote-User: ann\r\n",
		"credentials for a site":   "GET http://ann:pw@gnomon.proxy/me HTTP/1.1\r\nHost: gnomon.proxy\r\nAuthorization: Basic " + base64.StdEncoding.EncodeToString([]byte("ann:pw")) + "\r\n",
		"another host":             "GET http://gnomon.proxy/me HTTP/1.1\r\nHost: ann.example\r\n",
		"letters and a port":       "GET http://GNOMON.Proxy.:80/me HTTP/1.1\r\nHost: gnomon.proxy\r\n",
	} {
		code, _, body := raw(t, addr, head+"Accept: application/json\r\n"+basic("bob", "pw"), "")
		var v proxy.OwnView
		if err := json.Unmarshal([]byte(body), &v); code != 200 || err != nil || v.Name != "bob" || v.Requests != 1 || strings.Contains(body, "secret") {
			t.Errorf("%s: %d %s", name, code, body)
		}
	}
	for name, tt := range map[string]struct {
		head string
		code int
	}{
		"no credentials":       {get, 407},
		"a wrong password":     {get + basic("ann", "guess"), 407},
		"nobody's name":        {get + basic("mallory", "pw"), 407},
		"the proxy as a site":  {"GET /me HTTP/1.1\r\nHost: gnomon.proxy\r\n" + basic("ann", "pw"), 404},
		"a name that rebinds":  {"GET /me HTTP/1.1\r\nHost: evil.example\r\nOrigin: http://evil.example\r\n" + basic("ann", "pw"), 404},
		"a tunnel":             {"CONNECT gnomon.proxy:443 HTTP/1.1\r\nHost: gnomon.proxy:443\r\n" + basic("ann", "pw"), 404},
		"a tunnel to port 80":  {"CONNECT gnomon.proxy:80 HTTP/1.1\r\nHost: gnomon.proxy:80\r\n" + basic("ann", "pw"), 404},
		"another port":         {"GET http://gnomon.proxy:8081/me HTTP/1.1\r\nHost: gnomon.proxy\r\n" + basic("ann", "pw"), 404},
		"another path":         {"GET http://gnomon.proxy/people HTTP/1.1\r\nHost: gnomon.proxy\r\n" + basic("ann", "pw"), 404},
		"a script's request":   {get + "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n" + basic("ann", "pw"), 403},
		"a method":             {"DELETE http://gnomon.proxy/me HTTP/1.1\r\nHost: gnomon.proxy\r\n" + basic("ann", "pw"), 404},
		"a form without token": {"POST http://gnomon.proxy/me/exception HTTP/1.1\r\nHost: gnomon.proxy\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 0\r\n" + basic("ann", "pw"), 403},
	} {
		code, header, body := raw(t, addr, tt.head, "")
		if code != tt.code || strings.Contains(body, `"requests"`) || strings.Contains(body, "api.openai") {
			t.Errorf("%s: %d %s, want %d", name, code, body, tt.code)
		}
		if cors := header.Get("Access-Control-Allow-Origin"); cors != "" {
			t.Errorf("%s: lets %s read the answer", name, cors)
		}
	}
	if code, _, body := raw(t, o.console.Addr().String(), "GET /me HTTP/1.1\r\nHost: "+o.console.Addr().String()+"\r\nAccept: application/json\r\n"+basic("ann", "pw"), ""); strings.Contains(body, `"known"`) || strings.Contains(body, "secret") {
		t.Errorf("the console: %d %s", code, body)
	}
	if list, err := o.inventory.Reveals(); err != nil || len(list) != 0 {
		t.Errorf("looking is on record as a reveal: %+v, %v", list, err)
	}
}

func ownOverCurl(t *testing.T, addr string) {
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("curl is not installed")
	}
	run := func(user string, args ...string) string {
		cmd := exec.Command(curl, append([]string{"--silent", "--show-error", "--max-time", "60", "--proxy", "http://" + addr, "--proxy-user", user + ":pw", "http://gnomon.proxy/me"}, args...)...)
		cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.Contains(strings.ToLower(v), "_proxy=") })
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("curl: %v\n%s", err, out)
		}
		return string(out)
	}
	var anns proxy.OwnView
	if out := run("ann"); json.Unmarshal([]byte(out), &anns) != nil || anns.Name != "ann" || anns.Known != "user" || anns.Requests != 1 ||
		len(anns.Services) != 1 || anns.Services[0].ID != "openai-api" || len(anns.Data) != 1 || anns.Data[0].Name != "secret" || len(anns.Groups) != 1 || anns.Groups[0].Name != "sales" {
		t.Errorf("ann sees %s", out)
	}
	if len(anns.Recent) != 1 || anns.Recent[0].Action != "redact" || anns.Recent[0].Rule != "redact-secrets-cards-and-ids" || !strings.Contains(anns.Recent[0].Why, "were replaced") || anns.Retention.Sightings != "90d" {
		t.Errorf("ann's requests: %+v, kept %+v", anns.Recent, anns.Retention)
	}
	page := run("ann", "--header", "Accept: text/html", "--header", "Accept-Language: fr-FR;q=0.4, de-AT, en;q=0.5", "--include")
	for _, want := range []string{"Was über mich gespeichert ist", `lang="de"`, "Content-Security-Policy: default-src 'none'", "frame-ancestors 'none'", "no-store", "OpenAI", "Geheimnis", "geschwärzt", "rita", `name="token"`} {
		if !strings.Contains(page, want) {
			t.Errorf("ann's page has no %q", want)
		}
	}
	for _, never := range []string{fakeKey, "<script", "bob", "Access-Control"} {
		if strings.Contains(page, never) {
			t.Errorf("ann's page has %q", never)
		}
	}
}

// TestOwnException takes an exception from the page of a refusal to the next
// request: ann asks on her page, rita grants, and only ann gets through.
func TestOwnException(t *testing.T) {
	o := staffed(t)
	addr := o.proxy.Addr().String()
	if _, err := o.inventory.Decide(t.Context(), inventory.Change{Service: "openai-api", Verb: inventory.Refuse, By: "test"}); err != nil {
		t.Fatal(err)
	}
	transport := o.client.Transport.(*http.Transport)
	code := func(user string) int {
		transport.CloseIdleConnections()
		transport.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: addr, User: url.UserPassword(user, "pw")})
		code, _ := o.chat(t, "hello")
		return code
	}
	if ann, bob := code("ann"), code("bob"); ann != 403 || bob != 403 {
		t.Fatalf("a refused service answers ann %d, bob %d", ann, bob)
	}
	_, _, page := raw(t, addr, "GET http://gnomon.proxy/me?service=openai-api&rule=%3Cscript%3E HTTP/1.1\r\nHost: gnomon.proxy\r\nAccept: text/html\r\n"+basic("ann", "pw"), "")
	_, token, _ := strings.Cut(page, `name="token" value="`)
	token, _, _ = strings.Cut(token, `"`)
	if !strings.Contains(page, `value="openai-api"`) || !strings.Contains(page, `value="&lt;script&gt;"`) || token == "" {
		t.Fatalf("the form of the page:\n%s", page)
	}
	post := func(user, headers string, form url.Values) (int, string) {
		code, h, body := raw(t, addr, "POST http://gnomon.proxy/me/exception HTTP/1.1\r\nHost: gnomon.proxy\r\nAccept: text/html\r\nContent-Type: application/x-www-form-urlencoded\r\n"+headers+basic(user, "pw"), form.Encode())
		return code, h.Get("Location") + body
	}
	form := url.Values{"token": {token}, "service": {"openai-api"}, "reason": {"<b>tender</b>"}, "until": {time.Now().UTC().AddDate(0, 0, 2).Format(time.DateOnly)}}
	for name, tt := range map[string]struct {
		user, headers, key, value string
		code                      int
		want                      string
	}{
		"another site":       {"ann", "Origin: http://evil.example\r\n", "", "", 403, "Another site"},
		"another's token":    {"bob", "", "", "", 403, "no longer valid"},
		"no token":           {"ann", "", "token", "", 403, "no longer valid"},
		"an unknown service": {"ann", "", "service", "no such thing", 422, "no service"},
		"an unknown rule":    {"ann", "", "rule", "no such rule", 422, "no rule"},
		"a day that is over": {"ann", "", "until", "2020-01-01", 422, "has passed"},
	} {
		f := url.Values{}
		for k, v := range form {
			f[k] = v
		}
		if tt.key != "" {
			f.Set(tt.key, tt.value)
		}
		if code, body := post(tt.user, tt.headers, f); code != tt.code || !strings.Contains(body, tt.want) {
			t.Errorf("%s: %d %s", name, code, body)
		}
	}
	if code, to := post("ann", "Origin: http://gnomon.proxy\r\n", form); code != 303 || !strings.HasPrefix(to, "http://gnomon.proxy/me") {
		t.Fatalf("asking: %d %s", code, to)
	}
	list, err := o.inventory.Exceptions()
	if err != nil || len(list) != 1 || list[0].Person != o.inventory.Pseudonym("ann") || list[0].By != list[0].Person {
		t.Fatalf("on record: %+v, %v", list, err)
	}
	if _, err := o.inventory.GrantException(t.Context(), list[0].ID, inventory.Grant{Reason: "only this week"}, "rita"); err != nil {
		t.Fatal(err)
	}
	if ann, bob := code("ann"), code("bob"); ann != 200 || bob != 403 {
		t.Errorf("with an exception for ann the service answers ann %d, bob %d", ann, bob)
	}
	_, _, page = raw(t, addr, "GET http://gnomon.proxy/me HTTP/1.1\r\nHost: gnomon.proxy\r\nAccept: text/html\r\n"+basic("ann", "pw"), "")
	if !strings.Contains(page, "only this week") || !strings.Contains(page, "granted") || strings.Contains(page, "<b>tender") {
		t.Errorf("ann's page does not show the answer:\n%s", page)
	}
	_, _, page = raw(t, addr, "GET http://gnomon.proxy/me HTTP/1.1\r\nHost: gnomon.proxy\r\nAccept: text/html\r\n"+basic("bob", "pw"), "")
	if strings.Contains(page, "only this week") || strings.Contains(page, list[0].ID) {
		t.Error("bob's page shows ann's exception")
	}
}

// TestOwnPageOff shows nothing where it is switched off, and to an address that
// several people use.
func TestOwnPageOff(t *testing.T) {
	get := "GET http://gnomon.proxy/me HTTP/1.1\r\nHost: gnomon.proxy\r\nAccept: application/json\r\n"
	off := startOffice(t, func(s *Settings) { s.Privacy.OwnPage = false })
	if code, _, body := raw(t, off.proxy.Addr().String(), get, ""); code != 404 || !strings.Contains(body, "switched this page off") {
		t.Errorf("switched off: %d %s", code, body)
	}
	o := startOffice(t, nil)
	if code, body := o.chat(t, "hello"); code != 200 {
		t.Fatalf("%d %s", code, body)
	}
	waitFor(t, "the sighting to be durable", func() bool { return o.inventory.Durable() == 1 })
	_, _, body := raw(t, o.proxy.Addr().String(), get, "")
	var v proxy.OwnView
	if err := json.Unmarshal([]byte(body), &v); err != nil || v.Known != "address" || v.Name != "127.0.0.1" || v.Requests != 1 {
		t.Errorf("an address of nobody known: %s", body)
	}
	limited := false
	for range 100 { // more than come back in the time
		if code, _, _ := raw(t, o.proxy.Addr().String(), get, ""); code == http.StatusTooManyRequests {
			limited = true
			break
		}
	}
	if !limited {
		t.Error("nobody counts how often somebody looks")
	}
}
