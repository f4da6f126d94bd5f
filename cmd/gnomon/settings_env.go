package main

import (
	"regexp"
	"slices"
	"strings"

	"github.com/gnomon-proxy/gnomon/internal/strictyaml"
)

// configVariable names the settings file where no --config does.
const configVariable = "GNOMON_CONFIG"

// caVariable is where scripts that start clients keep the path of the CA
// certificate. It is no setting: the CA is in the state directory.
const caVariable = "GNOMON_CA"

// variables returns the GNOMON_* variables of environ that are set; an unknown
// one is a mistake: somebody believes that it works.
func variables(environ []string, errs *strictyaml.Errors) map[string]string {
	var s Settings
	known := []string{configVariable, caVariable}
	for _, one := range s.all() {
		if !one.fileOnly() {
			known = append(known, one.variable())
		}
	}
	set := make(map[string]string)
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, "GNOMON_") {
			continue
		}
		if isServiceLink(name, value) {
			continue
		}
		if !slices.Contains(known, name) {
			errs.Add(strictyaml.Position{File: name}, "unknown environment variable%s", strictyaml.DidYouMean(name, known))
			continue
		}
		if value != "" {
			set[name] = value
		}
	}
	return set
}

// serviceLink matches the variables that Kubernetes gives every container for a
// service called gnomon or gnomon-...: they look like settings, and nobody has
// set them.
var (
	serviceLink = regexp.MustCompile(`^GNOMON(_[A-Z0-9]+)*_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$`)
	barePort    = regexp.MustCompile(`^GNOMON(_[A-Z]+)*_PORT$`)
)

func isServiceLink(name, value string) bool {
	if barePort.MatchString(name) && !strings.HasSuffix(name, "_SERVICE_PORT") {
		return strings.Contains(value, "://") // GNOMON_PROXY_PORT=8080 is somebody's mistake
	}
	return serviceLink.MatchString(name)
}
