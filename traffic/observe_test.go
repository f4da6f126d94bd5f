package traffic_test

import (
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

func TestObserveSession(t *testing.T) {
	f := &fake{}
	p := newPipeline(f)
	flow := traffic.Flow{Time: time.Unix(1e9, 0), Sensor: traffic.SensorTLS, Host: "ai.test", Up: 10, Down: 20, Duration: time.Minute}
	p.Observe(&flow)
	flow.Continued, flow.Guess = true, 0.5
	p.Observe(&flow)
	flow.Host = "other.test"
	if v := p.Observe(&flow); v.AI() {
		t.Errorf("an address makes a service of %q: %+v", flow.Host, v)
	}
	if len(f.got) != 2 {
		t.Fatalf("%d sightings, want 2", len(f.got))
	}
	first, second := f.got[0], f.got[1]
	if first.Requests != 1 || first.Up != 10 || first.Down != 20 || first.Duration != time.Minute || first.Verdict.How != traffic.HowCatalogue {
		t.Errorf("first sighting = %+v", first)
	}
	if second.Requests != 0 || second.Up != 10 || second.Verdict.How != traffic.HowLearnedAddress || second.Verdict.Confidence != 0.5 {
		t.Errorf("second sighting = %+v, want no request, and learned by address", second)
	}
}

func TestObserveLookupTakesNoTime(t *testing.T) {
	f := &fake{}
	newPipeline(f).Observe(&traffic.Flow{Time: time.Unix(1e9, 0), Sensor: traffic.SensorDNS, Host: "ai.test"})
	if len(f.got) != 1 || f.got[0].Duration != 0 {
		t.Errorf("sightings = %+v, want one that lasts no time", f.got)
	}
}
