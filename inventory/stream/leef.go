package stream

import "strings"

// leefHeader takes the bars out of header fields: LEEF has no escape for them.
var leefHeader = strings.NewReplacer("|", "/")

// leefSeverity has a place for each level, on LEEF's scale of 1 to 10.
var leefSeverity = [...]string{"1", "3", "6", "8"}

// appendLEEF appends r in the Log Event Extended Format 2.0. The tab that
// separates attributes is said in the header, as hexadecimal; clean keeps it
// out of values.
func appendLEEF(dst []byte, r *Record) []byte {
	dst = append(dst, "LEEF:2.0"...)
	for _, field := range []string{r.From.Vendor, r.From.Product, r.From.Version, r.class(), "x09"} {
		dst = append(dst, '|')
		dst = append(dst, leefHeader.Replace(clean(field))...)
	}
	dst = append(dst, '|')
	first := true
	for k, v := range leefFields(r).all {
		if !first {
			dst = append(dst, '\t')
		}
		first = false
		dst = append(append(append(dst, k...), '='), clean(v)...)
	}
	return append(dst, '\n')
}

func leefFields(r *Record) pairs {
	if r.Notice != nil {
		return leefNotice(r)
	}
	return pairs{
		{"devTime", millis(r.Time)}, {"sev", leefSeverity[r.level()]}, {"cat", r.Category},
		{"id", r.ID}, {"identHostName", r.Client}, {"usrName", r.User}, {"dstHost", r.Host},
		{"url", r.url()}, {"method", r.Method}, {"userAgent", r.UserAgent}, {"statusCode", number(int64(r.Code))},
		{"srcBytes", number(r.Up)}, {"dstBytes", number(r.Down)}, {"requests", number(r.Requests)},
		{"action", r.verdict()}, {"policy", r.Rule}, {"resource", r.From.Host},
		{"aiService", r.Service}, {"aiServiceId", r.ServiceID}, {"aiVendor", r.Vendor}, {"aiModel", r.Model},
		{"dataClasses", strings.Join(r.classes(), ",")}, {"detectors", strings.Join(r.detectors(), ",")}, {"findings", number(int64(r.findings()))},
		{"coverage", string(r.Depth)}, {"coverageReason", r.Why}, {"sensor", string(r.Sensor)}, {"recognisedBy", string(r.How)},
	}
}

func leefNotice(r *Record) pairs {
	n := r.Notice
	return pairs{
		{"devTime", millis(n.Time)}, {"sev", leefSeverity[r.level()]}, {"cat", string(n.Topic)}, {"id", n.ID}, {"action", n.Event},
		{"usrName", n.By}, {"resource", r.From.Host}, {"object", string(n.Object)}, {"about", n.About}, {"people", strings.Join(n.Users, ",")},
		{"aiServiceId", strings.Join(n.Services, ",")}, {"ledgerEntry", number(n.Entry)}, {"message", n.Text},
	}
}
