package stream

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/gnomon-proxy/gnomon/inventory/notice"
)

// OTLP's JSON mapping (opentelemetry-proto, "OTLP/HTTP"): 64-bit integers are
// strings, keys are lowerCamelCase.

// otlpSeverity has a place for each level: INFO, INFO2, WARN, ERROR.
var otlpSeverity = [...]struct {
	number int
	text   string
}{{9, "INFO"}, {10, "INFO2"}, {13, "WARN"}, {17, "ERROR"}}

// appendOTLP appends r as one LogRecord; wrapOTLP makes a request of many.
func appendOTLP(dst []byte, r *Record) ([]byte, error) {
	s := otlpSeverity[r.level()]
	at := strconv.FormatInt(r.Time.UnixNano(), 10)
	return object(dst, m{
		"timeUnixNano": at, "observedTimeUnixNano": at, "severityNumber": s.number, "severityText": s.text, "eventName": "gnomon." + string(r.kind()),
		"body": m{"stringValue": r.message()}, "attributes": otlpAttributes(r),
	})
}

// otlpAttributes uses the names of the semantic conventions where there are
// some; those of generative AI are still in development.
func otlpAttributes(r *Record) attributes {
	if r.Notice != nil {
		return otlpNotice(r.Notice)
	}
	var a attributes
	a.text("gnomon.event.id", r.ID)
	a.text("gnomon.sensor", string(r.Sensor))
	a.text("gnomon.action", r.verdict())
	a.text("gnomon.rule", r.Rule)
	a.text("gnomon.service.id", r.ServiceID)
	a.text("gnomon.service.name", r.Service)
	a.text("gnomon.service.category", r.Category)
	a.text("gnomon.client", r.Client)
	a.text("user.id", r.User)
	a.list("user.roles", r.Groups)
	a.text("server.address", r.Host)
	a.text("http.request.method", r.Method)
	a.text("url.path", r.Path)
	a.int("http.response.status_code", int64(r.Code))
	a.text("user_agent.original", r.UserAgent)
	if r.Model != "" {
		a.text("gen_ai.request.model", r.Model)
		a.text("gen_ai.provider.name", strings.ToLower(cmp.Or(r.Vendor, r.Service)))
	}
	a.text("gnomon.agent", r.Agent)
	a.list("gnomon.tools", r.Tools)
	a.list("gnomon.servers", r.Servers)
	a.int("gnomon.requests", r.Requests)
	a.int("gnomon.bytes.up", r.Up)
	a.int("gnomon.bytes.down", r.Down)
	a.list("gnomon.finding.classes", r.classes())
	a.list("gnomon.finding.detectors", r.detectors())
	a.int("gnomon.finding.count", int64(r.findings()))
	a.text("gnomon.coverage", string(r.Depth))
	a.text("gnomon.coverage.reason", r.Why)
	a.text("gnomon.recognised_by", string(r.How))
	a.text("gnomon.blind", r.Blind)
	return a
}

func otlpNotice(n *notice.Notice) attributes {
	var a attributes
	a.text("gnomon.event.id", n.ID)
	a.text("gnomon.topic", string(n.Topic))
	a.text("gnomon.action", n.Event)
	a.text("user.id", n.By)
	a.text("gnomon.object", string(n.Object))
	a.text("gnomon.about", n.About)
	a.list("gnomon.services", n.Services)
	a.list("gnomon.users", n.Users)
	a.int("gnomon.ledger.entry", n.Entry)
	return a
}

// attributes are KeyValue pairs of OTLP; those without a value are left out.
type attributes []m

func (a *attributes) text(key, v string) {
	if v != "" {
		*a = append(*a, m{"key": key, "value": m{"stringValue": v}})
	}
}

func (a *attributes) int(key string, n int64) {
	if n != 0 {
		*a = append(*a, m{"key": key, "value": m{"intValue": strconv.FormatInt(n, 10)}})
	}
}

func (a *attributes) list(key string, values []string) {
	if len(values) == 0 {
		return
	}
	all := make([]m, len(values))
	for i, v := range values {
		all[i] = m{"stringValue": v}
	}
	*a = append(*a, m{"key": key, "value": m{"arrayValue": m{"values": all}}})
}

func otlpResource(s *Source) m {
	var a attributes
	a.text("service.name", strings.ToLower(s.Product))
	a.text("service.version", s.Version)
	a.text("host.name", s.Host)
	return m{"attributes": a}
}

func otlpScope(s *Source) m { return m{"name": "github.com/gnomon-proxy/gnomon", "version": s.Version} }
