package stream

import (
	"cmp"
	"slices"
	"strconv"
)

// deltaTemporality says that a point counts what came since the last one: a
// gateway that restarts has nothing to remember.
const deltaTemporality = 1

// usage is what one service did under one action.
type usage struct {
	service, action           string
	requests, up, down, finds int64
}

// appendMetrics appends a request that counts records by service and action. No
// label names a user or a host.
func appendMetrics(dst []byte, records []Record, from *Source) ([]byte, error) {
	type key struct{ service, action string }
	sums := make(map[key]*usage)
	var first, last int64
	for i := range records {
		r := &records[i]
		if r.Blind != "" || r.Notice != nil {
			continue
		}
		at := r.Time.UnixNano()
		if first == 0 || at < first {
			first = at
		}
		last = max(last, at)
		k := key{r.ServiceID, r.verdict()}
		if sums[k] == nil {
			sums[k] = &usage{service: k.service, action: k.action}
		}
		sums[k].add(r)
	}
	all := make([]*usage, 0, len(sums))
	for _, u := range sums {
		all = append(all, u)
	}
	slices.SortFunc(all, func(a, b *usage) int {
		return cmp.Or(cmp.Compare(a.service, b.service), cmp.Compare(a.action, b.action))
	})
	return object(dst, m{"resourceMetrics": []m{{
		"resource":     otlpResource(from),
		"scopeMetrics": []m{{"scope": otlpScope(from), "metrics": otlpSums(all, first, last)}},
	}}})
}

func (u *usage) add(r *Record) {
	u.requests += r.Requests
	u.up += r.Up
	u.down += r.Down
	u.finds += int64(r.findings())
}

func otlpSums(all []*usage, first, last int64) []m {
	out := []m{}
	for _, metric := range []struct {
		name, unit, about string
		value             func(*usage) int64
	}{
		{"gnomon.requests", "{request}", "Requests to AI services.", func(u *usage) int64 { return u.requests }},
		{"gnomon.bytes.up", "By", "Bytes sent to AI services.", func(u *usage) int64 { return u.up }},
		{"gnomon.bytes.down", "By", "Bytes received from AI services.", func(u *usage) int64 { return u.down }},
		{"gnomon.findings", "{finding}", "Findings of sensitive data in requests.", func(u *usage) int64 { return u.finds }},
	} {
		points := []m{}
		for _, u := range all {
			n := metric.value(u)
			if n == 0 {
				continue
			}
			var a attributes
			a.text("gnomon.service.id", u.service)
			a.text("gnomon.action", u.action)
			points = append(points, m{
				"attributes": a, "asInt": strconv.FormatInt(n, 10),
				"startTimeUnixNano": strconv.FormatInt(first, 10), "timeUnixNano": strconv.FormatInt(max(last, first+1), 10),
			})
		}
		if len(points) > 0 {
			out = append(out, m{
				"name": metric.name, "unit": metric.unit, "description": metric.about,
				"sum": m{"aggregationTemporality": deltaTemporality, "isMonotonic": true, "dataPoints": points},
			})
		}
	}
	return out
}
