package whatif

import (
	"fmt"
	"reflect"

	"github.com/gnomon-proxy/gnomon/rules"
)

// limits lists what of two sets of rules can't be replayed, and why.
func limits(inForce, candidate *rules.Set) []string {
	list := []string{}
	for _, set := range []struct {
		name string
		*rules.Set
	}{{"in force", inForce}, {"candidate", candidate}} {
		for i := range set.Policies {
			p := &set.Policies[i]
			if p.Disabled {
				continue
			}
			if len(p.When.Network) > 0 {
				list = append(list, fmt.Sprintf("rule %s (%s): network: addresses of clients are not kept, so it matched nothing", p.Name, set.name))
			}
			if p.Expr != "" {
				list = append(list, fmt.Sprintf("rule %s (%s): expr: client, stream, parts and bytes are not kept and count as empty", p.Name, set.name))
			}
			if len(p.When.Finding) > 0 {
				list = append(list, fmt.Sprintf("rule %s (%s): finding: fingerprints are told apart only where one detector found all", p.Name, set.name))
			}
			if p.When.MinConfidence > 0 {
				list = append(list, fmt.Sprintf("rule %s (%s): min_confidence: the detector's highest confidence stands for that of each finding", p.Name, set.name))
			}
		}
	}
	return append(list, newDetectors(inForce, candidate)...)
}

// named lists rules that name users.
func named(inForce, candidate *rules.Set) (list []string) {
	for _, set := range []struct {
		name string
		*rules.Set
	}{{"in force", inForce}, {"candidate", candidate}} {
		for i := range set.Policies {
			if p := &set.Policies[i]; !p.Disabled && len(p.When.User) > 0 {
				list = append(list, fmt.Sprintf("rule %s (%s): user: what somebody of a name has done is not told, so it matched nobody", p.Name, set.name))
			}
		}
	}
	return list
}

// newDetectors lists detectors of the candidate that find what the ones in force
// did not look for: without the prompts nobody knows what they would have found.
func newDetectors(inForce, candidate *rules.Set) (list []string) {
	old := make(map[string]*rules.Detector, len(inForce.Detectors))
	for i := range inForce.Detectors {
		old[inForce.Detectors[i].Name] = &inForce.Detectors[i]
	}
	for i := range candidate.Detectors {
		d := &candidate.Detectors[i]
		was := old[d.Name]
		switch {
		case was == nil:
			list = append(list, fmt.Sprintf("detector %s is new: prompts are not kept", d.Name))
		case !alike(was, d):
			list = append(list, fmt.Sprintf("detector %s was changed: prompts are not kept", d.Name))
		}
		delete(old, d.Name)
	}
	for i := range inForce.Detectors {
		if name := inForce.Detectors[i].Name; old[name] != nil {
			list = append(list, fmt.Sprintf("detector %s is gone: its findings count as before", name))
		}
	}
	return list
}

// alike compares detectors wherever they stand.
func alike(a, b *rules.Detector) bool {
	x, y := *a, *b
	x.Source, y.Source = rules.Position{}, rules.Position{}
	return reflect.DeepEqual(x, y)
}
