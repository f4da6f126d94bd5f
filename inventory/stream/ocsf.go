package stream

import (
	"cmp"
	"strings"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// ocsfVersion is the version of the schema that the names and numbers are of.
const ocsfVersion = "1.9.0"

// ocsfOther is the number, in all of its enumerations, of what OCSF has no
// number for; the attribute beside it says it in words.
const ocsfOther = 99

// The classes of OCSF: category × 1000 + number in it.
const (
	dataSecurityFinding = 2006
	networkActivity     = 4001
	httpActivity        = 4002
	dnsActivity         = 4003
)

// The numbers of OCSF for what became of a request (profile security_control).
const (
	actionAllowed, actionDenied, actionModified                             = 1, 2, 4
	dispositionAllowed, dispositionBlocked, dispositionCorrected, dispAlert = 1, 2, 11, 19
)

// appendOCSF appends r as an event of the class that fits what was seen (a
// request, a lookup, a connection) and, with findings, a Data Security Finding
// that refers to it. A notice is one event of a class of its own.
func appendOCSF(dst []byte, r *Record) ([]byte, error) {
	if r.Notice != nil {
		return object(dst, ocsfNotice(r))
	}
	dst, err := object(dst, ocsfUse(r))
	if err != nil || len(r.Findings) == 0 {
		return dst, err
	}
	return object(dst, ocsfFinding(r))
}

// ocsfBase holds what every event has.
func ocsfBase(r *Record, class, activity int, profiles []string) m {
	return m{
		"category_uid": class / 1000, "class_uid": class, "activity_id": activity, "type_uid": class*100 + activity,
		"time": r.Time.UnixMilli(), "severity_id": int(r.level()) + 1, "message": r.message(),
		"metadata": m{
			"version": ocsfVersion, "uid": r.ID, "profiles": profiles,
			"product": m{"name": r.From.Product, "vendor_name": r.From.Vendor, "version": r.From.Version},
		},
	}
}

// httpActivities are the activities of HTTP Activity by method; others are ocsfOther.
var httpActivities = map[string]int{
	"": 0, "CONNECT": 1, "DELETE": 2, "GET": 3, "HEAD": 4, "OPTIONS": 5, "POST": 6, "PUT": 7, "TRACE": 8, "PATCH": 9,
}

func ocsfUse(r *Record) m {
	class, activity := networkActivity, 6 // traffic
	switch {
	case r.web():
		class, activity = httpActivity, ocsfOther // another method
		if known, ok := httpActivities[r.Method]; ok {
			activity = known
		}
	case r.Sensor == traffic.SensorDNS && r.Blind == "":
		class, activity = dnsActivity, 1 // query
	}
	profiles := []string{}
	if r.Model != "" {
		profiles = append(profiles, "ai_operation")
	}
	if r.Action != "" {
		profiles = append(profiles, "security_control")
	}
	if r.Sensor == traffic.SensorProxy {
		profiles = append(profiles, "network_proxy")
	}
	o := ocsfBase(r, class, activity, profiles)
	ocsfNetwork(o, r)
	ocsfControl(o, r)
	switch class {
	case httpActivity:
		ocsfHTTP(o, r, activity)
	case dnsActivity:
		o["query"] = m{"hostname": cmp.Or(r.Host, "unknown")}
	}
	if r.Model != "" {
		o["ai_model"] = m{"name": r.Model, "ai_provider": cmp.Or(r.Vendor, r.Service, r.Host, "unknown")}
		o["message_context"] = m{"service": ocsfService(r)}
		o.set("message_context.application", r.Agent)
	}
	ocsfUnmapped(o, r)
	return o
}

// ocsfNetwork fills the attributes of all network classes.
func ocsfNetwork(o m, r *Record) {
	o["src_endpoint"] = ocsfClient(r)
	o["dst_endpoint"] = ocsfServer(r)
	o.set("app_name", r.Service)
	if r.Up > 0 || r.Down > 0 {
		o["traffic"] = m{"bytes": r.Up + r.Down, "bytes_out": r.Up, "bytes_in": r.Down}
	}
	if r.Sensor == traffic.SensorProxy {
		o["proxy_endpoint"] = m{"hostname": cmp.Or(r.From.Host, "unknown")}
	}
	o.set("count", r.Requests)
	o.set("duration", r.Took.Milliseconds())
}

// ocsfServer is the end that was asked for, by name or by address.
func ocsfServer(r *Record) m {
	switch {
	case r.Host == "":
		return m{"name": "unknown"} // the schema wants one of its names
	case r.hostIP().IsValid():
		return m{"ip": r.hostIP().String()}
	}
	return m{"hostname": r.Host}
}

// ocsfClient is the machine and the person that started it: both pseudonyms.
func ocsfClient(r *Record) m {
	o := m{}
	o.set("uid", r.Client)
	if r.User != "" {
		o["owner"] = ocsfUser(r)
	}
	if r.Client == "" {
		o["name"] = "unknown" // the schema wants one of its names
	}
	return o
}

func ocsfUser(r *Record) m {
	o := m{"uid": r.User, "type_id": 1}
	groups := make([]m, 0, len(r.Groups))
	for _, g := range r.Groups {
		if g != "" {
			groups = append(groups, m{"name": g})
		}
	}
	if len(groups) > 0 {
		o["groups"] = groups
	}
	return o
}

// ocsfService is the service; a record without one is of something unknown.
func ocsfService(r *Record) m {
	o := m{}
	o.set("name", cmp.Or(r.Service, r.Host, "unknown"))
	o.set("uid", r.ServiceID)
	return o
}

func ocsfHTTP(o m, r *Record, activity int) {
	if activity == ocsfOther {
		o["activity_name"] = r.Method
	}
	request := m{}
	request.set("http_method", r.Method)
	request.set("user_agent", r.UserAgent)
	if r.Path != "" || r.url() != "" { // the schema wants one of them
		request.set("url.url_string", r.url())
		request.set("url.hostname", r.Host)
		request.set("url.path", r.Path)
		request.set("url.scheme", "https")
	}
	o["http_request"] = request
	if r.Code == 0 {
		return
	}
	o["http_response"] = m{"code": r.Code}
	o["status_id"] = 1
	if r.Code >= 400 {
		o["status_id"] = 2
	}
	o["status_code"] = number(int64(r.Code))
}

// ocsfControl says what the policy did (profile security_control).
func ocsfControl(o m, r *Record) {
	switch r.Action {
	case "":
		return
	case traffic.ActionBlock:
		o["action_id"], o["disposition_id"] = actionDenied, dispositionBlocked
	case traffic.ActionRedact, traffic.ActionPseudonymise:
		o["action_id"], o["disposition_id"] = actionModified, dispositionCorrected
	case traffic.ActionAlert, traffic.ActionCoach:
		o["action_id"], o["disposition_id"] = actionAllowed, dispAlert
	default:
		o["action_id"], o["disposition_id"] = actionAllowed, dispositionAllowed
	}
	o["is_alert"] = r.alert()
	if r.Rule != "" {
		o["policy"] = m{"name": r.Rule}
	}
}

// ocsfUnmapped keeps what the schema has no attribute for where it wants it.
func ocsfUnmapped(o m, r *Record) {
	u := m{"sensor": string(r.Sensor), "coverage": string(r.Depth)}
	u.set("coverage_reason", r.Why)
	u.set("recognised_by", string(r.How))
	u.set("service_uid", r.ServiceID)
	u.set("service_vendor", r.Vendor)
	u.set("service_category", r.Category)
	u.set("surface", string(r.Surface))
	u.set("origin", r.Origin)
	u.set("blind", r.Blind)
	u.set("features", r.Features)
	u.set("agent", r.Agent)
	u.set("tools", r.Tools)
	u.set("servers", r.Servers)
	u.set("account_kind", string(r.Account.Kind))
	u.set("account_organisation", r.Account.Organisation)
	u.set("account_plan", r.Account.Plan)
	u.set("account_key", r.Account.Key)
	o["unmapped"] = u
}

// ocsfCategories are the kinds of data that OCSF knows, by class; the first
// class of a record that has one decides.
var ocsfCategories = map[traffic.Class]int{
	traffic.ClassNationalID: 1, traffic.ClassPersonal: 1, traffic.ClassHealth: 1, traffic.ClassContact: 1,
	traffic.ClassPaymentCard: 3, traffic.ClassBankAccount: 3, traffic.ClassCrypto: 3,
	traffic.ClassConfidential: 4, traffic.ClassSourceCode: 4,
	traffic.ClassSecret: 6, traffic.ClassInjection: 6, traffic.ClassNetwork: 6,
}

// ocsfFinding is the Data Security Finding of a record: which detectors found
// how much, never what.
func ocsfFinding(r *Record) m {
	profiles := []string{}
	if r.Action != "" {
		profiles = append(profiles, "security_control")
	}
	o := ocsfBase(r, dataSecurityFinding, 1, profiles) // create
	meta := o["metadata"].(m)
	meta["uid"], meta["correlation_uid"] = r.ID+"-finding", r.ID
	o["status_id"] = 1 // new
	o["finding_info"] = m{"uid": r.ID + "-finding", "title": r.title(), "types": r.classes(), "created_time": r.Time.UnixMilli()}
	o["is_alert"] = r.alert()
	ocsfControl(o, r)
	details := []m{}
	for _, d := range r.detectors() {
		details = append(details, m{"type": d, "count": r.Findings[d]})
	}
	data := m{
		"category_id": ocsfCategory(r), "confidentiality_id": 2, "data_lifecycle_state_id": 2, "detection_system_id": 5, // confidential, in transit, secure web gateway
		"detection_pattern": strings.Join(r.detectors(), ","), "discovery_details": details, "total": r.findings(),
	}
	if data["category_id"] == ocsfOther {
		data["category"] = cmp.Or(strings.Join(r.classes(), ","), "unknown") // who says "other" has to name it
	}
	if r.Rule != "" {
		data["policy"] = m{"name": r.Rule}
	}
	o["data_security"] = data
	o["src_endpoint"] = ocsfClient(r)
	o["dst_endpoint"] = ocsfServer(r)
	if r.User != "" {
		o["actor"] = m{"user": ocsfUser(r)}
	}
	service := ocsfService(r)
	service["type"] = "AI service"
	o["resources"] = []m{service}
	return o
}

func ocsfCategory(r *Record) int {
	for _, c := range r.classes() {
		if n := ocsfCategories[traffic.Class(c)]; n != 0 {
			return n
		}
	}
	return ocsfOther
}
