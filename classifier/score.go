package classifier

import (
	"slices"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// threshold is the sum of weights, in hundredths, that makes an unknown host
// an AI service; mostSure bounds how sure a shape can be.
const (
	threshold = 50
	mostSure  = 95
)

// score is a sum of weights under way, and what it is made of. It lives on the
// stack: most sums come to nothing.
type score struct {
	sum      int
	features [maxFeatures]string
	n        int
}

// maxFeatures is enough for a reviewer.
const maxFeatures = 24

func (c *score) add(name string, weight int) {
	c.sum += weight
	if c.n < maxFeatures {
		c.features[c.n] = name
		c.n++
	}
}

func (c *score) verdict(f *traffic.Flow, how traffic.How) traffic.Verdict {
	if c.sum < threshold || f.Host == "" {
		return traffic.Verdict{}
	}
	return traffic.Verdict{
		Service: f.Host, ID: "unknown:" + f.Host, Category: "unknown", Surface: traffic.SurfaceAPI,
		How: how, Confidence: float64(min(c.sum, mostSure)) / 100, Features: slices.Clone(c.features[:c.n]),
	}
}
