package stream

import (
	"strconv"
	"strings"
	"time"
)

var (
	cefHeader = strings.NewReplacer(`\`, `\\`, `|`, `\|`)
	cefValue  = strings.NewReplacer(`\`, `\\`, `=`, `\=`)
)

// cefSeverity has a place for each level, on CEF's scale of 0 to 10.
var cefSeverity = [...]string{"1", "3", "6", "8"}

// appendCEF appends r in the Common Event Format, version 0: seven header
// fields between bars, then key=value pairs. Addresses (src, dst) are left out:
// their keys take an IP address, and we have pseudonyms.
func appendCEF(dst []byte, r *Record) []byte {
	dst = append(dst, "CEF:0"...)
	for _, field := range []string{r.From.Vendor, r.From.Product, r.From.Version, r.class(), r.title(), cefSeverity[r.level()]} {
		dst = append(dst, '|')
		dst = append(dst, cefHeader.Replace(clean(field))...)
	}
	dst = append(dst, '|')
	first := true
	for k, v := range cefFields(r).all {
		if !first {
			dst = append(dst, ' ')
		}
		first = false
		dst = append(append(append(dst, k...), '='), cefValue.Replace(clean(v))...)
	}
	return append(dst, '\n')
}

func cefFields(r *Record) pairs {
	if r.Notice != nil {
		return cefNotice(r)
	}
	f := pairs{
		{"rt", millis(r.Time)},
		{"externalId", r.ID}, {"dvchost", r.From.Host},
		{"cat", r.Category}, {"act", r.verdict()}, {"shost", r.Client}, {"suid", r.User}, {"dhost", r.Host},
		{"request", r.url()}, {"requestMethod", r.Method}, {"requestClientApplication", r.UserAgent},
		{"cnt", number(r.Requests)}, {"out", number(r.Up)}, {"in", number(r.Down)},
		{"outcome", number(int64(r.Code))}, {"reason", r.Why}, {"msg", r.message()},
	}
	f.label("cs1", "aiService", r.Service)
	f.label("cs2", "dataClasses", strings.Join(r.classes(), ","))
	f.label("cs3", "aiModel", r.Model)
	f.label("cs4", "policyRule", r.Rule)
	f.label("cs5", "coverage", string(r.Depth))
	f.label("cs6", "detectors", strings.Join(r.detectors(), ","))
	f.label("cn1", "findings", number(int64(r.findings())))
	f.label("flexString1", "sensor", string(r.Sensor))
	f.label("flexString2", "recognisedBy", string(r.How))
	return f
}

// cefNotice has who acted as the source, and people whom it is about as the
// destination.
func cefNotice(r *Record) pairs {
	n := r.Notice
	f := pairs{
		{"rt", millis(n.Time)}, {"externalId", n.ID}, {"dvchost", r.From.Host}, {"cat", string(n.Topic)}, {"act", n.Event},
		{"suid", n.By}, {"duid", strings.Join(n.Users, ",")}, {"msg", n.Text},
	}
	f.label("cs1", "aiService", strings.Join(n.Services, ","))
	f.label("cs2", "object", string(n.Object))
	f.label("cs3", "about", n.About)
	f.label("cn1", "ledgerEntry", number(n.Entry))
	return f
}

// pairs are keys with values, in their order; those without a value are not
// told.
type pairs [][2]string

// label adds a field of CEF's that carries its own name.
func (p *pairs) label(key, name, value string) {
	if value != "" {
		*p = append(*p, [2]string{key + "Label", name}, [2]string{key, value})
	}
}

func (p pairs) all(yield func(k, v string) bool) {
	for _, kv := range p {
		if kv[1] != "" && !yield(kv[0], kv[1]) {
			return
		}
	}
}

// number is n, "" when it is not known.
func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func millis(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }
