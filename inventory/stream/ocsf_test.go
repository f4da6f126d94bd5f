package stream_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/stream"
)

type ocsfAttribute struct {
	Type     string
	Required bool
	Array    bool
	Enum     []int
}

type ocsfObject struct {
	AtLeastOne []string `json:"at_least_one"`
	Attributes map[string]ocsfAttribute
}

// ocsfSchema is the part of OCSF's schema that we use: what an attribute is,
// which are required, of which one must be there, which numbers mean something;
// which are recommended and which of those we don't have, with the reason.
type ocsfSchema struct {
	Recommended map[string][]string
	Omitted     map[string]string
	Classes     map[string]ocsfObject
	Profiles    map[string]map[string]ocsfAttribute
	Objects     map[string]ocsfObject
}

func readOCSF(t *testing.T) *ocsfSchema {
	t.Helper()
	b, err := os.ReadFile("testdata/ocsf.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var s ocsfSchema
	if err := json.Unmarshal(b, &s); err != nil {
		t.Fatal(err)
	}
	return &s
}

// event checks an event against its class with the profiles that it names.
func (s *ocsfSchema) event(e map[string]any) (bad []string) {
	uid, _ := e["class_uid"].(float64)
	class, ok := s.Classes[strconv.Itoa(int(uid))]
	if !ok {
		return []string{fmt.Sprintf("class %v", uid)}
	}
	all := make(map[string]ocsfAttribute)
	for k, v := range class.Attributes {
		all[k] = v
	}
	meta, _ := e["metadata"].(map[string]any)
	profiles, _ := meta["profiles"].([]any)
	for _, p := range profiles {
		if s.Profiles[fmt.Sprint(p)] == nil {
			bad = append(bad, fmt.Sprintf("profile %v", p))
		}
		for k, v := range s.Profiles[fmt.Sprint(p)] {
			all[k] = v
		}
	}
	activity, _ := e["activity_id"].(float64)
	if typ, _ := e["type_uid"].(float64); typ != uid*100+activity {
		bad = append(bad, fmt.Sprintf("type_uid %v", typ))
	}
	if category, _ := e["category_uid"].(float64); category != math.Floor(uid/1000) {
		bad = append(bad, fmt.Sprintf("category_uid %v", category))
	}
	if meta["version"] != "1.9.0" {
		bad = append(bad, fmt.Sprintf("version %v", meta["version"]))
	}
	bad = append(bad, s.strangers(e, class, profiles)...)
	if e["action_id"] == nil != (e["disposition_id"] == nil) {
		bad = append(bad, "an action without a disposition, or the reverse")
	}
	if e["disposition_id"] == 19.0 && e["is_alert"] != true {
		bad = append(bad, "the disposition is alert, and is_alert is not")
	}
	return append(bad, s.object("", e, ocsfObject{class.AtLeastOne, all})...)
}

// strangers reports attributes of profiles that the event does not name.
func (s *ocsfSchema) strangers(e map[string]any, class ocsfObject, profiles []any) (bad []string) {
	for name, attributes := range s.Profiles {
		if slices.Contains(profiles, any(name)) {
			continue
		}
		for k := range attributes {
			if _, own := class.Attributes[k]; !own && e[k] != nil {
				bad = append(bad, fmt.Sprintf("%s is of the profile %s, which is not named", k, name))
			}
		}
	}
	return bad
}

// siblings checks numbers against the words beside them: what is "other" (99)
// needs its word, and no word stands without its number.
func siblings(path string, o map[string]any, want ocsfObject) (bad []string) {
	for k := range want.Attributes {
		stem, isID := strings.CutSuffix(k, "_id")
		if stem == "activity" {
			stem = "activity_name"
		}
		if _, paired := want.Attributes[stem]; !isID || !paired {
			continue
		}
		word, _ := o[stem].(string)
		if o[k] == 99.0 && word == "" {
			bad = append(bad, fmt.Sprintf("%s%s is 99 without %s", path, k, stem))
		}
		if o[k] == nil && o[stem] != nil {
			bad = append(bad, fmt.Sprintf("%s%s without %s", path, stem, k))
		}
	}
	return bad
}

func (s *ocsfSchema) object(path string, o map[string]any, want ocsfObject) (bad []string) {
	for k, a := range want.Attributes {
		if a.Required && o[k] == nil {
			bad = append(bad, path+k+" is required")
		}
	}
	if len(want.AtLeastOne) > 0 && !slices.ContainsFunc(want.AtLeastOne, func(k string) bool { return o[k] != nil }) {
		bad = append(bad, fmt.Sprintf("%s: at least one of %v", path, want.AtLeastOne))
	}
	bad = append(bad, siblings(path, o, want)...)
	for k, v := range o {
		a, ok := want.Attributes[k]
		if !ok {
			bad = append(bad, path+k+" is unknown")
			continue
		}
		list, isList := v.([]any)
		if isList != a.Array {
			bad = append(bad, path+k+" is a list, or none")
			continue
		}
		if !isList {
			list = []any{v}
		}
		for _, one := range list {
			bad = append(bad, s.value(path+k, one, a)...)
			if _, address := want.Attributes["ip"]; address && a.Type == "hostname_t" && isIP(one) {
				bad = append(bad, fmt.Sprintf("%s%s: %v belongs into ip", path, k, one))
			}
		}
	}
	return bad
}

func (s *ocsfSchema) value(path string, v any, a ocsfAttribute) (bad []string) {
	wrong := func() []string { return []string{fmt.Sprintf("%s: %v is no %s", path, v, a.Type)} }
	switch a.Type {
	case "integer_t", "long_t", "timestamp_t", "port_t":
		n, ok := v.(float64)
		if !ok || n != math.Trunc(n) || a.Type == "timestamp_t" && (n < 1e12 || n > 1e13) || a.Type == "integer_t" && (n < math.MinInt32 || n > math.MaxInt32) || a.Type == "port_t" && (n < 0 || n > 65535) {
			return wrong()
		}
		if len(a.Enum) > 0 && !slices.Contains(a.Enum, int(n)) {
			return []string{fmt.Sprintf("%s: %v is none of %v", path, n, a.Enum)}
		}
		return nil
	case "boolean_t":
		if _, ok := v.(bool); !ok {
			return wrong()
		}
		return nil
	case "object":
		if _, ok := v.(map[string]any); !ok {
			return wrong()
		}
		return nil
	case "ip_t":
		if !isIP(v) {
			return wrong()
		}
	case "url_t":
		if u, err := url.Parse(fmt.Sprint(v)); err != nil || u.Host == "" || u.RawQuery != "" || u.ForceQuery {
			return wrong()
		}
	}
	if strings.HasSuffix(a.Type, "_t") {
		if text, ok := v.(string); !ok || text == "" {
			return wrong()
		}
		return nil
	}
	o, ok := v.(map[string]any)
	object, known := s.Objects[a.Type]
	if !ok || !known {
		return wrong()
	}
	return s.object(path+".", o, object)
}

func isIP(v any) bool {
	_, err := netip.ParseAddr(fmt.Sprint(v))
	return err == nil
}

// TestOCSFKinds checks every kind of event that there can be, and that no
// attribute that the schema recommends is missing everywhere without a reason.
func TestOCSFKinds(t *testing.T) {
	schema := readOCSF(t)
	seen := make(map[string]map[string]bool) // by class or profile
	note := func(of string, e map[string]any) {
		if seen[of] == nil {
			seen[of] = make(map[string]bool)
		}
		for k := range e {
			seen[of][k] = true
		}
	}
	n := 0
	for what, e := range kinds() {
		for _, o := range decodeLines(t, encode(t, stream.OCSF, []inventory.Event{*e})) {
			for _, bad := range schema.event(o) {
				t.Errorf("%s: %s", what, bad)
			}
			note(fmt.Sprint(o["class_uid"]), o)
			for _, p := range o["metadata"].(map[string]any)["profiles"].([]any) {
				note(fmt.Sprint(p), o)
			}
			if n++; t.Failed() && n > 200 {
				t.Fatal("and so on")
			}
		}
	}
	for what, one := range noticeKinds() {
		o := decodeLines(t, encodeNotices(t, stream.OCSF, *one))[0]
		for _, bad := range schema.event(o) {
			t.Errorf("%s: %s", what, bad)
		}
		note(fmt.Sprint(o["class_uid"]), o)
		n++
	}
	for of, attributes := range schema.Recommended {
		for _, k := range attributes {
			if !seen[of][k] {
				t.Errorf("%s: %s is recommended, and never sent", of, k)
			}
		}
	}
	for k, why := range schema.Omitted {
		for of := range seen {
			if why == "" || seen[of][k] {
				t.Errorf("%s: %s is listed as left out (%q)", of, k, why)
			}
		}
	}
	t.Logf("%d events", n)
}

func TestOCSF(t *testing.T) {
	schema := readOCSF(t)
	classes := make(map[float64]int)
	for _, e := range decodeLines(t, encode(t, stream.OCSF, samples())) {
		for _, bad := range schema.event(e) {
			t.Errorf("%v: %s", e["message"], bad)
		}
		classes[e["class_uid"].(float64)]++
	}
	for class, want := range map[float64]int{4002: 4, 4003: 1, 4001: 2, 2006: 2} {
		if classes[class] != want {
			t.Errorf("%d events of class %v, want %d", classes[class], class, want)
		}
	}
}

// TestOCSFCanFail shows that the check finds what is wrong.
func TestOCSFCanFail(t *testing.T) {
	schema := readOCSF(t)
	for name, spoil := range map[string]func(map[string]any){
		"missing":    func(e map[string]any) { delete(e, "time") },
		"unknown":    func(e map[string]any) { e["colour"] = "red" },
		"enum":       func(e map[string]any) { e["disposition_id"] = 77.0 },
		"type":       func(e map[string]any) { e["type_uid"] = 1.0 },
		"number":     func(e map[string]any) { e["count"] = "1" },
		"constraint": func(e map[string]any) { delete(e, "http_request"); delete(e, "http_response") },
		"nested":     func(e map[string]any) { delete(e["ai_model"].(map[string]any), "ai_provider") },
		"profile":    func(e map[string]any) { e["metadata"].(map[string]any)["profiles"] = []any{} },
		"sibling":    func(e map[string]any) { e["severity_id"] = 99.0 },
		"word":       func(e map[string]any) { e["status"] = "Success"; delete(e, "status_id") },
		"address":    func(e map[string]any) { e["dst_endpoint"].(map[string]any)["hostname"] = "2001:db8::1" },
		"no address": func(e map[string]any) {
			e["dst_endpoint"].(map[string]any)["ip"] = "host"
		},
		"seconds":  func(e map[string]any) { e["time"] = 1795262400.0 },
		"category": func(e map[string]any) { e["category_uid"] = 2.0 },
		"large":    func(e map[string]any) { e["count"] = float64(1 << 40) },
		"alert":    func(e map[string]any) { e["disposition_id"] = 19.0; e["is_alert"] = false },
		"version":  func(e map[string]any) { e["metadata"].(map[string]any)["version"] = "1.7.0" },
		"empty":    func(e map[string]any) { e["app_name"] = "" },
		"list":     func(e map[string]any) { e["src_endpoint"].(map[string]any)["owner"].(map[string]any)["groups"] = "x" },
		"query": func(e map[string]any) {
			e["http_request"].(map[string]any)["url"].(map[string]any)["url_string"] = "https://h/?q=1"
		},
	} {
		e := decodeLines(t, encode(t, stream.OCSF, samples()[:1]))[0]
		if spoil(e); len(schema.event(e)) == 0 {
			t.Errorf("%s: nothing found", name)
		}
	}
}
