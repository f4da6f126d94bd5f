package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/gnomon-proxy/gnomon/internal/testnet"
)

// driver runs clients over the routes and collects what is wrong.
type driver struct {
	net                         *testnet.Net
	direct, redacting, blocking route
	pseudonymising              route
	rows                        []row
}

// row is a line of the table; problem "" means that all is well.
type row struct {
	client, call, problem string
	untested              bool
}

func (d *driver) fail(client, call, problem string) {
	d.rows = append(d.rows, row{client: client, call: call, problem: problem})
}

// drive sends a client twice directly (what differs between the two is the
// client's own doing), once through the redacting, the pseudonymising and the
// blocking gateway.
func (d *driver) drive(ctx context.Context, c client) {
	if c.missing != "" {
		fmt.Printf("\n*** %s ***\n\n", c.missing)
		if c.index {
			d.rows = append(d.rows, row{client: c.name, call: "all", untested: true})
		} else {
			d.fail(c.name, "all", c.missing)
		}
		return
	}
	first, one, err := d.send(ctx, c, d.direct)
	if err != nil {
		d.fail(c.name, "direct", err.Error())
		return
	}
	_, two, err := d.send(ctx, c, d.direct)
	if err != nil || len(one) != len(two) || len(one) != len(first) {
		d.fail(c.name, "direct", fmt.Sprintf("%d calls made %d and %d requests (%v)", len(first), len(one), len(two), err))
		return
	}
	got, through, err := d.send(ctx, c, d.redacting)
	if err != nil || len(through) != len(one) || len(got) != len(first) {
		d.fail(c.name, "redacting", fmt.Sprintf("%d requests arrived, want %d (%v) %s", len(through), len(one), err, complaints(got)))
		return
	}
	for i := range got {
		problem := compareRequests(one[i], two[i], through[i], placeholder)
		if problem == "" {
			problem = compareAnswers(first[i], got[i], placeholder)
		}
		d.fail(c.name, got[i].Call, problem)
	}
	got, through, err = d.send(ctx, c, d.pseudonymising)
	if err != nil || len(through) != len(one) || len(got) != len(first) {
		d.fail(c.name, "pseudonymising", fmt.Sprintf("%d requests arrived, want %d (%v) %s", len(through), len(one), err, complaints(got)))
		return
	}
	for i := range got {
		problem := compareRequests(one[i], two[i], through[i], string(token.Find(through[i].Body)))
		if problem == "" {
			problem = compareAnswers(first[i], got[i], secret) // the service has seen a token, the client its own value
		}
		d.fail(c.name, got[i].Call+", pseudonymised", problem)
	}
	refused, arrived, err := d.send(ctx, c, d.blocking)
	if err != nil || len(refused) != len(first) {
		d.fail(c.name, "blocking", fmt.Sprintf("%d answers, want %d (%v)", len(refused), len(first), err))
		return
	}
	for _, r := range refused {
		d.fail(c.name, r.Call+", blocked", checkRefusal(r, c.errors))
	}
	if len(arrived) > 0 {
		d.fail(c.name, "blocking", fmt.Sprintf("%d requests arrived", len(arrived)))
	}
}

func (d *driver) send(ctx context.Context, c client, via route) ([]result, []testnet.Received, error) {
	d.net.Reset()
	r, err := c.calls(ctx, via)
	return r, d.net.Received(), err
}

func complaints(all []result) (s string) {
	for _, r := range all {
		if r.Error != nil {
			s += "\n    " + r.Call + ": " + r.Error.Type + ": " + r.Error.Message
		}
	}
	return s
}

// hopByHop are the headers that end at the next hop (RFC 9110, section 7.6.1),
// and the length, which follows from the body.
var hopByHop = []string{"Connection", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade", "Content-Length"}

// token is what the service has to receive from the pseudonymising gateway.
var token = regexp.MustCompile(`\[SECRET_[A-Z][0-9A-Z]{5}\]`)

// compareRequests says in what a request that came through the gateway differs
// from the direct one more than it may: with takes the place of the secret, all
// other bytes stay. What differs between two direct ones is left out.
func compareRequests(one, two, through testnet.Received, with string) string {
	if one.Method != through.Method || one.URI != through.URI || one.Host != through.Host {
		return fmt.Sprintf("arrived as %s %s%s, want %s %s%s", through.Method, through.Host, through.URI, one.Method, one.Host, one.URI)
	}
	sameBoundary(&one)
	sameBoundary(&two)
	sameBoundary(&through)
	for _, k := range slices.Sorted(keys(one.Header, through.Header)) {
		own := slices.Equal(one.Header[k], two.Header[k])
		if own && !slices.Contains(hopByHop, k) && !slices.Equal(one.Header[k], through.Header[k]) {
			return fmt.Sprintf("header %s = %q, want %q", k, through.Header[k], one.Header[k])
		}
	}
	if n := through.Header.Get("Content-Length"); n != "" && n != fmt.Sprint(len(through.Body)) && !isMultipart(through) {
		return fmt.Sprintf("Content-Length %s with %d bytes", n, len(through.Body))
	}
	if string(one.Body) != string(two.Body) {
		return "two direct requests differ: " + string(one.Body) + " and " + string(two.Body)
	}
	if !strings.Contains(string(one.Body), secret) {
		return "the prompt has no secret: nothing was tested"
	}
	if want := strings.ReplaceAll(string(one.Body), secret, with); string(through.Body) != want || with == "" {
		return fmt.Sprintf("arrived:\n%s\nwant:\n%s", through.Body, want)
	}
	return ""
}

func keys(a, b http.Header) func(yield func(string) bool) {
	all := a.Clone()
	for k, v := range b {
		all[k] = v
	}
	return func(yield func(string) bool) {
		for k := range all {
			if !yield(k) {
				return
			}
		}
	}
}

func isMultipart(r testnet.Received) bool {
	return strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/")
}

// sameBoundary replaces the boundary of a multipart body, which is random, and
// what some clients derive from it.
func sameBoundary(r *testnet.Received) {
	if !isMultipart(*r) {
		return
	}
	_, boundary, ok := strings.Cut(r.Header.Get("Content-Type"), "boundary=")
	if boundary = strings.Trim(boundary, `"`); !ok || boundary == "" {
		return
	}
	r.Header = r.Header.Clone()
	r.Header.Set("Content-Type", strings.ReplaceAll(r.Header.Get("Content-Type"), boundary, "BOUNDARY"))
	r.Body = []byte(strings.ReplaceAll(string(r.Body), boundary, "BOUNDARY"))
}

// compareAnswers checks that the client got the answer to what was sent, with
// something in the place of the secret.
func compareAnswers(direct, through result, with string) string {
	switch {
	case direct.Error != nil:
		return "failed without a gateway: " + direct.Error.Message
	case through.Error != nil:
		return "failed: " + through.Error.Type + ": " + through.Error.Message
	case direct.Text == "":
		return "no text in the direct answer: nothing was tested"
	}
	got, want := joined(stable(through.Text)), strings.ReplaceAll(joined(stable(direct.Text)), secret, with)
	if got != want {
		return fmt.Sprintf("answer %q, want %q", got, want)
	}
	return ""
}

// checkRefusal wants the SDK's own error with our sentence and the rule's name.
func checkRefusal(r result, types []string) string {
	e := r.Error
	switch {
	case e == nil:
		return "was not refused"
	case !slices.Contains(types, e.Type) || e.Status != http.StatusForbidden:
		return fmt.Sprintf("raised %s with status %d: %s", e.Type, e.Status, e.Message)
	case !strings.Contains(e.Message, blockMessage) || !strings.Contains(e.Message, blockRule):
		return fmt.Sprintf("message %q names neither the sentence nor the rule", e.Message)
	}
	return ""
}

// report prints the table and returns the number of failures.
func (d *driver) report(w io.Writer) (failures int) {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "CLIENT\tCALL\tRESULT")
	for _, r := range d.rows {
		verdict := "ok"
		switch {
		case r.untested:
			verdict = "NOT TESTED"
		case r.problem != "":
			failures++
			verdict = "FAIL  " + r.problem
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\n", r.client, r.call, verdict)
	}
	tw.Flush()
	return failures
}
