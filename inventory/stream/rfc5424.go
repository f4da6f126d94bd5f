package stream

import (
	"strconv"
	"strings"
	"time"
)

// facility is local0: receivers file it apart from the machine's own logs.
const facility = 16

// syslogSeverity has a place for each level: informational, notice, warning,
// error (RFC 5424, section 6.2.1).
var syslogSeverity = [...]int{6, 5, 4, 3}

// sdValue escapes a parameter value (RFC 5424, section 6.3.3).
var sdValue = strings.NewReplacer(`\`, `\\`, `"`, `\"`, `]`, `\]`)

// appendSyslog appends r as a message of RFC 5424 whose structured data hold
// the fields. Their number, 32473, is the one for documentation (RFC 5612): we
// have none of our own.
func appendSyslog(dst []byte, r *Record) []byte {
	dst = syslogHeader(dst, r, strings.ToUpper(string(r.kind())))
	dst = append(dst, "[gnomon@32473"...)
	for k, v := range syslogFields(r).all {
		dst = append(append(append(dst, ' '), k...), `="`...)
		dst = append(append(dst, sdValue.Replace(clean(v))...), '"')
	}
	dst = append(dst, "] "...)
	return append(append(dst, clean(r.message())...), '\n')
}

// syslogHeader appends all that is before the structured data.
func syslogHeader(dst []byte, r *Record, id string) []byte {
	dst = append(dst, '<')
	dst = strconv.AppendInt(dst, int64(facility<<3|syslogSeverity[r.level()]), 10)
	dst = append(dst, ">1 "...)
	dst = r.Time.UTC().AppendFormat(dst, "2006-01-02T15:04:05.000Z07:00")
	for _, field := range []string{token(r.From.Host, 255), token(strings.ToLower(r.From.Product), 48), strconv.Itoa(r.From.PID), token(id, 32)} {
		dst = append(append(dst, ' '), field...)
	}
	return append(dst, ' ')
}

// token makes s a field of the header: printable ASCII, at most limit bytes, "-"
// for nothing.
func token(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if r <= ' ' || r >= 0x7f {
			return -1
		}
		return r
	}, s)
	if s == "" {
		return "-"
	}
	return s[:min(len(s), limit)]
}

func syslogFields(r *Record) pairs {
	if n := r.Notice; n != nil {
		return pairs{
			{"id", n.ID}, {"topic", string(n.Topic)}, {"act", n.Event}, {"by", n.By}, {"object", string(n.Object)}, {"about", n.About},
			{"svc", strings.Join(n.Services, ",")}, {"user", strings.Join(n.Users, ",")}, {"entry", number(n.Entry)},
		}
	}
	return pairs{
		{"id", r.ID}, {"svc", r.ServiceID}, {"service", r.Service}, {"vendor", r.Vendor}, {"category", r.Category},
		{"act", r.verdict()}, {"rule", r.Rule}, {"client", r.Client}, {"user", r.User},
		{"host", r.Host}, {"method", r.Method}, {"path", r.Path}, {"code", number(int64(r.Code))},
		{"model", r.Model}, {"class", strings.Join(r.classes(), ",")}, {"detector", strings.Join(r.detectors(), ",")}, {"n", number(int64(r.findings()))},
		{"requests", number(r.Requests)}, {"up", number(r.Up)}, {"down", number(r.Down)},
		{"sensor", string(r.Sensor)}, {"how", string(r.How)}, {"coverage", string(r.Depth)}, {"why", r.Why}, {"blind", r.Blind},
	}
}

// wrapSyslog appends a message of RFC 5424 that carries a line of another
// format.
func wrapSyslog(dst []byte, r *Record, f Format, line []byte) []byte {
	if f == Syslog {
		return append(dst, line...)
	}
	dst = syslogHeader(dst, r, strings.ToUpper(string(f)))
	return append(append(dst, "- "...), line...)
}

// seconds writes t as Splunk reads it.
func seconds(t time.Time) string {
	return strconv.FormatFloat(float64(t.UnixMilli())/1000, 'f', 3, 64)
}
