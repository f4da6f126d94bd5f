package dlp

import (
	"fmt"

	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// Check runs the examples of each detector and says of each that fails where
// and why. An example is named by its number, as it may be a secret.
func Check(detectors []rules.Detector) []error {
	var errs []error
	for i := range detectors {
		r := &detectors[i]
		s, err := New(detectors[i:i+1], traffic.Key{}, Options{})
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if len(r.Match) == 0 || len(r.NoMatch) == 0 {
			errs = append(errs, fmt.Errorf("%s: detector %s: give at least one match and one no_match example", r.Source, r.Name))
		}
		for k, text := range r.Match {
			if len(s.ScanText([]byte(text), nil)) == 0 {
				errs = append(errs, fmt.Errorf("%s: detector %s: finds nothing in match example %d", r.Source, r.Name, k+1))
			}
		}
		for k, text := range r.NoMatch {
			if len(s.ScanText([]byte(text), nil)) > 0 {
				errs = append(errs, fmt.Errorf("%s: detector %s: finds something in no_match example %d", r.Source, r.Name, k+1))
			}
		}
	}
	return errs
}
