package stream_test

import (
	"fmt"
	"iter"
	"math"
	"reflect"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// The axes along which events differ.
var (
	kindSensors = []traffic.Sensor{traffic.SensorProxy, traffic.SensorDNS, traffic.SensorTLS, traffic.SensorQUIC, traffic.SensorLog}
	kindActions = []traffic.Action{
		"", traffic.ActionAllow, traffic.ActionAlert, traffic.ActionCoach, traffic.ActionPseudonymise, traffic.ActionRedact, traffic.ActionBlock,
	}
	kindMethods = []string{"", "POST", "CONNECT", "BREW", nasty}
	kindHosts   = []string{"api.example.com", "192.0.2.1", "2001:db8::1", "fe80::1%eth0", "", "_odd.host-", nasty}
	kindBlind   = []string{"", "doh", nasty}
	kindClasses = append([]traffic.Class{""}, traffic.Classes()...)
)

// kinds yields events of every kind, each with a name: all combinations of
// sensor, action and method, to several hosts, in turn as full and as empty as
// events get; and the samples.
func kinds() iter.Seq2[string, *inventory.Event] {
	return func(yield func(string, *inventory.Event) bool) {
		for i, e := range samples() {
			if !yield(fmt.Sprintf("sample %d", i), &e) {
				return
			}
		}
		i := 0
		for _, sensor := range kindSensors {
			for _, action := range kindActions {
				for _, method := range kindMethods {
					for range 3 {
						i++
						e, host := kind(i), kindHosts[(i+i/len(kindHosts))%len(kindHosts)]
						e.Sensor, e.Action, e.Method, e.Host = sensor, action, method, host
						if !yield(fmt.Sprintf("%s %q %.4q %.20q, the %dth", sensor, action, method, host, i), e) {
							return
						}
					}
				}
			}
		}
	}
}

// kind is the ith event: the less common attributes go round, each at its own
// pace, so that they meet.
func kind(i int) *inventory.Event {
	e := &inventory.Event{ID: fmt.Sprintf("%032x", i), Time: noon, Depth: traffic.MetadataOnly}
	if i%3 != 0 {
		fill(reflect.ValueOf(e).Elem(), []string{"word", nasty, "\xff\u202e"}[i%3])
		e.Time = noon
	}
	e.Blind, e.Findings, e.Classes = "", nil, nil
	if i%11 == 0 {
		e.Blind = kindBlind[i/11%len(kindBlind)]
	}
	if class := kindClasses[i/2%len(kindClasses)]; class != "" && e.Blind == "" {
		e.Findings, e.Classes = map[string]int{string(class) + ".detector": i}, map[traffic.Class]int{class: i}
	}
	if i%5 == 0 {
		e.Requests, e.Up, e.Down, e.Code, e.Took = math.MaxInt32, math.MaxInt64/4, math.MaxInt64/4, 599, math.MaxInt64
	}
	return e
}

// fill sets every text of an event to s and every number to one, so that an
// attribute that is added to events later is covered too.
func fill(v reflect.Value, s string) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i), s)
		}
	case reflect.String:
		v.SetString(s)
	case reflect.Int, reflect.Int64:
		v.SetInt(1)
	case reflect.Float64:
		v.SetFloat(0.5)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.String {
			v.Set(reflect.ValueOf([]string{s, "second"}).Convert(v.Type()))
		}
	}
}
