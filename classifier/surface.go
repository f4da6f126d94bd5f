package classifier

import (
	"net/http"
	"strings"

	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// surfaces tells from what kind of client a request comes.
type surfaces []surfaceSignal

type surfaceSignal struct {
	surface traffic.Surface
	agents  []string
}

func newSurfaces(signals []rules.Signal) surfaces {
	var s surfaces
	for _, r := range signals {
		if name, ok := strings.CutPrefix(r.Kind, "surface_"); ok && !r.Disabled {
			s = append(s, surfaceSignal{traffic.Surface(name), r.Values})
		}
	}
	return s
}

// of returns the surface that the client's own words show, else the service's.
// Tools come before browsers, since many are browsers inside.
func (s surfaces) of(x *traffic.Exchange, usual traffic.Surface) traffic.Surface {
	agent := x.Flow.UserAgent
	if agent == "" {
		return usual
	}
	for _, g := range s {
		for _, a := range g.agents {
			if strings.Contains(agent, a) {
				return g.surface
			}
		}
	}
	if usual == traffic.SurfaceAPI && browser(agent, x.Header) {
		return traffic.SurfaceWeb
	}
	return usual
}

// browser reports whether a person's browser sent the request: scripts borrow
// its user agent, but not the headers that pages can't set.
func browser(agent string, h http.Header) bool {
	return strings.HasPrefix(agent, "Mozilla/") && (h == nil || h.Get("Sec-Fetch-Mode") != "" || h.Get("Sec-Fetch-Site") != "")
}
