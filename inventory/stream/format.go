package stream

import (
	"fmt"
	"slices"
	"strings"
)

// Format names an encoding.
type Format string

// The formats.
const (
	JSON        Format = "json"         // an Event as the inventory keeps it, without the sealed names
	OCSF        Format = "ocsf"         // Open Cybersecurity Schema Framework 1.9
	ECS         Format = "ecs"          // Elastic Common Schema 9.5
	CEF         Format = "cef"          // Common Event Format 0
	LEEF        Format = "leef"         // Log Event Extended Format 2.0
	Syslog      Format = "syslog"       // RFC 5424, with structured data
	OTLP        Format = "otlp"         // OpenTelemetry log records, in OTLP's JSON mapping
	OTLPMetrics Format = "otlp_metrics" // OpenTelemetry counters by service and action
)

// isJSON reports whether a line of the format is a JSON object.
func (f Format) isJSON() bool { return slices.Contains([]Format{JSON, OCSF, ECS, OTLP}, f) }

// Append appends r in format f to dst: a line, or more where the format tells
// one sighting in several events, each with a newline at its end and none
// within. OTLPMetrics has no lines: see appendMetrics.
func (f Format) Append(dst []byte, r *Record) ([]byte, error) {
	switch f {
	case JSON:
		return appendJSON(dst, r)
	case OCSF:
		return appendOCSF(dst, r)
	case ECS:
		return appendECS(dst, r)
	case CEF:
		return appendCEF(dst, r), nil
	case LEEF:
		return appendLEEF(dst, r), nil
	case Syslog:
		return appendSyslog(dst, r), nil
	case OTLP:
		return appendOTLP(dst, r)
	}
	return dst, fmt.Errorf("the format %q has no lines", f)
}

// clean makes s fit for formats of one line: valid UTF-8, and control
// characters, which could begin a new line or a new field, become spaces.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == 0x2028 || r == 0x2029 {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}
