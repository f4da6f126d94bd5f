package stream

import (
	"cmp"
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// ecsVersion is the version of the Elastic Common Schema that the names are of.
const ecsVersion = "9.5.0"

const ecsTime = "2006-01-02T15:04:05.000Z"

// ecsSeverity has a place for each level.
var ecsSeverity = [...]int{10, 30, 60, 80}

// appendECS appends r by the Elastic Common Schema. What the schema has no name
// for is under "gnomon", as it wants custom fields to be.
func appendECS(dst []byte, r *Record) ([]byte, error) {
	if r.Notice != nil {
		return object(dst, ecsNotice(r))
	}
	o := m{"@timestamp": r.Time.UTC().Format(ecsTime), "ecs": m{"version": ecsVersion}, "message": r.message()}
	ecsEvent(o, r)
	ecsObserver(o, r.From)
	o.set("observer.type", cmp.Or(map[bool]string{true: "proxy"}[r.Sensor == traffic.SensorProxy], "sensor"))
	o.set("source.address", r.Client)
	o.set("source.bytes", r.Up)
	o.set("user.id", r.User)
	o.set("related.user", list(r.User))
	o.set("destination.address", r.Host)
	if ip := r.hostIP(); ip.IsValid() {
		o.set("destination.ip", ip.String())
		o.set("related.ip", list(ip.String()))
	} else {
		o.set("destination.domain", r.Host)
		o.set("related.hosts", list(r.Host))
	}
	o.set("destination.bytes", r.Down)
	o.set("network.bytes", r.Up+r.Down)
	o.set("network.protocol", ecsProtocol(r))
	o.set("network.application", r.ServiceID)
	if r.Sensor == traffic.SensorDNS && r.Blind == "" {
		o.set("dns.question.name", r.Host)
	}
	ecsRequest(o, r)
	o.set("rule.name", r.Rule)
	ecsOwn(o, r)
	return object(dst, o)
}

func ecsObserver(o m, from *Source) {
	o.set("observer.vendor", from.Vendor)
	o.set("observer.product", from.Product)
	o.set("observer.version", from.Version)
	o.set("observer.hostname", from.Host)
}

func ecsRequest(o m, r *Record) {
	if !r.web() {
		return
	}
	domain := r.Host
	if r.hostIP().IsValid() {
		domain = r.authority() // an IPv6 address with its brackets, as the schema wants it
	}
	o.set("url.domain", domain)
	o.set("url.path", r.Path)
	o.set("http.request.method", r.Method)
	o.set("http.response.status_code", int64(r.Code))
	o.set("user_agent.original", r.UserAgent)
	if r.Model != "" {
		o.set("gen_ai.request.model", r.Model)
		o.set("gen_ai.system", cmp.Or(r.Vendor, r.Service, r.Host))
	}
}

// ecsEvent fills the fields whose words the schema prescribes.
func ecsEvent(o m, r *Record) {
	kind, category, types := "event", []string{"network"}, []string{"connection"}
	if r.alert() {
		kind = "alert"
	}
	if r.Sensor == traffic.SensorDNS {
		types = []string{"protocol"}
	}
	if r.web() {
		category, types = []string{"network", "web"}, []string{"access"}
	}
	outcome := "unknown"
	switch {
	case r.Action == traffic.ActionBlock:
		types, outcome = append(types, "denied"), "failure"
	case r.Action != "":
		types = append(types, "allowed")
	}
	if r.Code >= 400 {
		outcome = "failure"
	} else if r.Code > 0 && r.Action != traffic.ActionBlock {
		outcome = "success"
	}
	o["event"] = m{
		"id": r.ID, "kind": kind, "category": category, "type": types, "action": string(r.kind()) + "-" + r.verdict(), "outcome": outcome,
		"module": "gnomon", "dataset": "gnomon." + string(r.kind()), "severity": ecsSeverity[r.level()],
	}
	o.set("event.duration", int64(r.Took/time.Nanosecond))
	o.set("event.reason", r.Why)
	o.set("event.provider", string(r.Sensor))
}

func ecsProtocol(r *Record) string {
	switch {
	case r.web():
		return "http"
	case r.Sensor == traffic.SensorDNS, r.Sensor == traffic.SensorTLS, r.Sensor == traffic.SensorQUIC:
		return string(r.Sensor)
	}
	return ""
}

func ecsOwn(o m, r *Record) {
	o.set("gnomon.service.id", r.ServiceID)
	o.set("gnomon.service.name", r.Service)
	o.set("gnomon.service.vendor", r.Vendor)
	o.set("gnomon.service.category", r.Category)
	o.set("gnomon.surface", string(r.Surface))
	o.set("gnomon.recognised_by", string(r.How))
	o.set("gnomon.coverage", string(r.Depth))
	o.set("gnomon.requests", r.Requests)
	o.set("gnomon.origin", r.Origin)
	o.set("gnomon.blind", r.Blind)
	o.set("gnomon.groups", r.Groups)
	o.set("gnomon.features", r.Features)
	o.set("gnomon.agent", r.Agent)
	o.set("gnomon.tools", r.Tools)
	o.set("gnomon.servers", r.Servers)
	o.set("gnomon.account.kind", string(r.Account.Kind))
	o.set("gnomon.account.organisation", r.Account.Organisation)
	o.set("gnomon.account.plan", r.Account.Plan)
	o.set("gnomon.account.key", r.Account.Key)
	o.set("gnomon.finding.classes", r.classes())
	o.set("gnomon.finding.detectors", r.detectors())
	o.set("gnomon.finding.count", int64(r.findings()))
}

func list(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}
