package proxy

import (
	"errors"
	"net/http"
	"net/url"
	"os"
	"sync/atomic"
	"time"

	"github.com/elazarl/goproxy"

	"github.com/gnomon-proxy/gnomon/traffic"
)

type exchangeKey struct{}

// exchange is one request on its way through the gateway and back. It belongs
// to the goroutine that serves the request; what others touch is atomic. Its
// parts are values: one allocation a request has to do.
type exchange struct {
	server   *Server
	client   client
	front    *front // what serves it, nil: net/http
	shared   bool   // with a transport, whose goroutines may outlive the exchange
	flow     traffic.Flow
	x        *traffic.Exchange
	body     body           // of the request
	answer   answer         // the way back to the client
	back     answerBody     // what goes there
	wire     wireRequest    // with lean
	direct   leanBody       // with lean
	interims interims       // on the way back
	part     bool           // the request's body did not come whole
	late     bool           // nor in time
	broken   atomic.Bool    // the answer ended before its end
	answ     traffic.Answer // what End is told

	words traffic.MessageRestorer // of a WebSocket, nil: nothing is to be restored
	ahead [][]byte                // messages of ours that go before the one that was inspected last
}

// newExchange returns one that net/http serves.
func newExchange(s *Server, f traffic.Flow, w http.ResponseWriter) *exchange {
	e := &exchange{server: s, flow: f, answer: answer{ResponseWriter: w}}
	e.client = &e.answer
	return e
}

// onRequest has goproxy, whose one handler it is, take a request on its way. A
// response that it returns takes the place of the service's.
func (s *Server) onRequest(r *http.Request, ctx *goproxy.ProxyCtx) (*http.Request, *http.Response) {
	e := r.Context().Value(exchangeKey{}).(*exchange)
	ctx.RoundTripper = e
	return r, e.decide(r)
}

// decide is the way of a request up to the service. What it returns, unless it
// is nil, takes the place of the service's answer.
//
//	begin      classify by head
//	inspect    read as much of the body as is wanted, classify, scan, decide
//	refuse     or
//	rewrite    only what the policy says, else the very bytes that came
//	RoundTrip  comes next; the answer streams back, and
//	finish     ends the record
func (e *exchange) decide(r *http.Request) *http.Response {
	e.begin(r)
	if e.refused() {
		return e.refusal(r)
	}
	e.inspect(r)
	if e.part {
		return e.incomplete(r)
	}
	if e.refused() {
		return e.refusal(r)
	}
	e.rewrite(r)
	if e.refused() {
		return e.refusal(r)
	}
	return nil
}

// begin opens the record of the request.
func (e *exchange) begin(r *http.Request) {
	f := &e.flow
	f.Time, f.Method, f.UserAgent = time.Now(), r.Method, r.UserAgent()
	if e.front != nil {
		f.UserAgent = e.front.own(f.UserAgent)
	}
	if f.Path = r.URL.Opaque; f.Path == "" {
		f.Path = r.URL.EscapedPath()
	}
	var query url.Values
	if r.URL.RawQuery != "" {
		query = r.URL.Query()
	}
	e.x = e.server.pipeline.Begin(f, r.Header, query)
	e.x.RawQuery = r.URL.RawQuery
	e.body.init(r, e)
}

func (e *exchange) refused() bool { return e.x.Decision.Action == traffic.ActionBlock }

// inspect reads the body as far as the pipeline wants it. A request without a
// body and a query, or to a host that is not AI, passes at no further cost.
func (e *exchange) inspect(r *http.Request) {
	p, x := e.server.pipeline, e.x
	switch {
	case x.Need == traffic.NeedNothing:
		return
	case !e.body.present():
		if x.Need == traffic.NeedAll {
			p.InspectQuery(x)
		}
		return
	case neverEnds(r): // both sides may talk at once: it can't be held
		if x.Verdict.AI() {
			e.blind(traffic.ReasonFormat)
		}
		return
	}
	if x.Need == traffic.NeedShape {
		if mayShow(r.Header) {
			if err := e.body.hold(traffic.ShapeBytes); err != nil && err != errScanMemory {
				e.brokeOff(err)
				return
			}
			x.Body, x.Cut = e.body.shape(r.Header)
		}
		p.Shape(x)
		x.Body, x.Cut = nil, false
	}
	if x.Need == traffic.NeedAll && !e.refused() {
		e.read(r)
	}
}

// read holds the body, up to the limit of the settings, and has it inspected.
func (e *exchange) read(r *http.Request) {
	p, x, s := e.server.pipeline, e.x, e.server
	switch err := e.body.hold(s.cfg.MaxScanBytes); {
	case err == errScanMemory:
		e.blind(traffic.ReasonScanMemory)
		return
	case err != nil:
		e.brokeOff(err)
		return
	}
	plain, cut, err := e.body.decoded(r.Header, s.cfg.MaxScanBytes)
	switch {
	case err == errScanMemory:
		e.blind(traffic.ReasonScanMemory)
	case err != nil:
		x.Body, x.Cut = e.body.asItStands()
		p.InspectRaw(x, plain, traffic.ReasonEncoding)
	default:
		x.Body, x.Cut = plain, cut
		p.Inspect(x)
	}
}

// blind has the query inspected alone.
func (e *exchange) blind(reason string) {
	e.server.pipeline.InspectQuery(e.x)
	e.server.pipeline.Fail(e.x, reason)
}

// brokeOff notes that a body is not to be had: the client is gone, too slow or
// sent something malformed.
func (e *exchange) brokeOff(err error) {
	e.part, e.late = true, errors.Is(err, os.ErrDeadlineExceeded)
}

// rewrite puts the pipeline's body in the place of the client's. Without one
// the client's own bytes go on untouched.
func (e *exchange) rewrite(r *http.Request) {
	x := e.x
	if x.RewrittenQuery != "" {
		u := *r.URL
		u.RawQuery, r.URL = x.RewrittenQuery, &u
	}
	if x.Rewritten == nil {
		e.body.attach(r)
		return
	}
	if err := e.body.replace(r, x.Rewritten); err != nil {
		x.Rewritten = nil
		x.Decision.Action = traffic.ActionBlock
		x.Decision.Reason = "This request contains sensitive data that can't be removed from it (" + traffic.ReasonOverLimit + ")."
		return
	}
	for _, name := range []string{"Content-Md5", "Digest", "Content-Digest", "Repr-Digest"} {
		delete(r.Header, name) // of the body that was
	}
	e.body.attach(r)
}

// RoundTrip sends the request on. Every error becomes an answer that says why.
func (e *exchange) RoundTrip(r *http.Request, _ *goproxy.ProxyCtx) (*http.Response, error) {
	resp, err := e.send(r)
	if e.body.closed.Load() {
		e.free()
	}
	if err == nil {
		err = checkStatus(resp)
	}
	if err != nil {
		return e.unanswered(r, err), nil
	}
	stripHopByHop(resp.Header)
	e.answ.Code, e.answ.Header = resp.StatusCode, resp.Header
	if resp.Body == http.NoBody || r.Method == http.MethodHead {
		e.answer.empty = true
		return resp, nil
	}
	e.back = answerBody{ReadCloser: resp.Body, e: e, tee: e.wantsPrefix(resp)}
	resp.Body = &e.back
	e.restore(resp)
	return resp, nil
}

// checkStatus refuses an answer that is none: net/http would panic on a code
// like 099, and nobody asked to switch protocols.
func checkStatus(resp *http.Response) error {
	switch code := resp.StatusCode; {
	case code == http.StatusSwitchingProtocols:
		resp.Body.Close()
		return errUnasked
	case code < 200, code > 999:
		resp.Body.Close()
		return errBadStatus
	}
	return nil
}

// send picks the way to the service: lean for what is held whole and small, the
// Transport for everything else.
func (e *exchange) send(r *http.Request) (*http.Response, error) {
	up := e.server.upstream
	e.interims.begin(r, e.client)
	defer e.interims.end()
	if payload, whole := e.body.payload(r); whole && leanWorks && leanTakes(r) {
		e.wire.build(r, payload, e.front)
		if r.Body != nil {
			r.Body.Close()
		}
		e.free()
		e.direct.interims = &e.interims
		if e.front != nil {
			e.direct.watch, e.direct.fields = &e.front.watch, &e.front.answered
		}
		return up.lean.roundTrip(r, &e.wire, &e.direct)
	}
	e.shared = true
	e.body.rewindable(r)
	return up.forProto(r.ProtoMajor).RoundTrip(r.WithContext(e.interims.traced(r.Context())))
}

// wantsPrefix reports whether the start of an answer could show that an unknown
// service is AI.
func (e *exchange) wantsPrefix(resp *http.Response) bool {
	return !e.x.Verdict.AI() && resp.StatusCode == http.StatusOK && resp.Header.Get("Content-Encoding") == "" &&
		resp.Header.Get("Content-Type") != "" && mayShow(resp.Header)
}

// refusal is the answer to a request that the policy does not let pass: a page
// for a person, the service's own error shape for a program.
func (e *exchange) refusal(r *http.Request) *http.Response {
	d := e.x.Decision
	if html(r) {
		e.answ.Code = http.StatusForbidden
		return notice{Code: http.StatusForbidden, Kind: "policy", Reason: d.Reason, Rule: d.Rule, Cause: e.cause(), Host: e.flow.Host, Who: e.flow.User, Ask: e.server.askURL(e.x.Verdict.ID, d.Rule)}.response(r)
	}
	ref := e.server.pipeline.Refuse(e.x)
	e.answ.Code = ref.Code
	return localResponse(r, ref.Code, notice{}.header(ref.ContentType, len(ref.Body)), ref.Body)
}

// cause says what a refusal is about.
func (e *exchange) cause() cause {
	switch {
	case len(e.x.Findings) > 0:
		return causeData
	case e.x.Coverage.Depth == traffic.Blind:
		return causeUnread
	}
	return causeService
}

// incomplete is the answer to a request whose body broke off while it was held:
// a part of it, that nobody has seen as a whole, must not go on.
func (e *exchange) incomplete(r *http.Request) *http.Response {
	n := notice{Code: http.StatusBadRequest, Kind: "incomplete", Reason: "The body of this request did not arrive whole.", Host: e.flow.Host}
	if e.late {
		n.Code, n.Kind, n.Reason = http.StatusRequestTimeout, "slow", "The body of this request came too slowly."
	}
	e.answ.Code = n.Code
	resp := n.response(r)
	if r.ProtoMajor == 1 {
		resp.Header.Set("Connection", "close") // the rest of the body stands in the way of a next request
	}
	return resp
}

// unanswered is the answer when the service gave none.
func (e *exchange) unanswered(r *http.Request, err error) *http.Response {
	f := faultOf(err)
	if r.Context().Err() != nil {
		f.kind = "client_gone" // and nobody gets the answer
	} else {
		e.answ.Code = f.code
	}
	if f.code == http.StatusForbidden { // by the gateway itself: nothing has left, it was tried
		e.x.Decision = traffic.Decision{Action: traffic.ActionBlock, Reason: f.reason}
	}
	e.server.stats.Upstream.add(f.kind)
	return notice{Code: f.code, Kind: f.kind, Reason: f.reason, Host: e.flow.Host}.response(r)
}

// cutShort ends the connection of an answer that broke off: the client must see
// what came, and that it is not whole.
func (e *exchange) cutShort() {
	if e.broken.Load() {
		e.answer.flush()
		panic(http.ErrAbortHandler)
	}
}

// finish ends the record, once: the answer has been passed on, or the client is
// gone.
func (e *exchange) finish() {
	if e.x == nil { // goproxy did not take the request
		return
	}
	e.body.unblock()
	e.answ.Up = e.body.sent()
	if e.back.e != nil {
		e.answ.Down, e.answ.Prefix = e.back.n, e.back.prefix
	}
	e.free()
	e.server.stats.Up.Add(e.answ.Up)
	e.server.stats.Down.Add(e.answ.Down)
	e.server.pipeline.End(e.x, e.answ)
}

// free lets go of the body and of what points into it.
func (e *exchange) free() {
	e.body.release()
	e.x.Body, e.x.Rewritten = nil, nil
	e.x.RawQuery, e.x.RewrittenQuery = "", ""
	if e.x.Prompt != nil {
		e.x.Prompt.Parts = nil
	}
}
