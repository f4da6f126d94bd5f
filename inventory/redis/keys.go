package redis

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
)

// keys are the names of the keys of one inventory. All have one hash tag.
type keys struct {
	end     string // "seq hash" of the last batch
	stream  string // batches, by seq
	spans   string // sorted set: batches by span of time
	people  string // hash: sealed names by pseudonym
	ledger  string // list of entries
	version string // grows with each change of figures
	counted string // how many batches the figures hold
	service string // hash: row of the register by id
	blind   string // hash
	days    string // sorted set: days with figures
	hours   string // sorted set: hours with figures
	marks   string // hash: how often the figures of a day have changed
	secrets string // hash: keys that gateways share, sealed
	aside   string // stream: some of what was found in the other one and no gateway wrote
	prefix  string
}

func newKeys(name string) keys {
	p := "{" + name + "}:"
	return keys{
		end: p + "end", stream: p + "sightings", spans: p + "spans", people: p + "people", ledger: p + "ledger", version: p + "version",
		counted: p + "counted", service: p + "services", blind: p + "blind", days: p + "days", hours: p + "hours", marks: p + "marks", secrets: p + "secrets", aside: p + "aside", prefix: p,
	}
}

// ids holds the keys of the sightings of a span, 16 bytes each.
func (k *keys) ids(span int64) string { return k.prefix + "ids:" + strconv.FormatInt(span, 10) }

// foreign is where a key goes that is of another type than gateways make it.
func (k *keys) foreign(key string) string {
	return k.prefix + "foreign:" + strings.TrimPrefix(key, k.prefix)
}

// facets is the hash of what was seen with a subject.
func (k *keys) facets(subject string) string { return k.prefix + "of:" + subject }

// top is the sorted set of the subjects of a kind, the most used first.
func (k *keys) top(kind string) string { return k.prefix + "top:" + kind }

// news is the stream of what gateways tell each other about a topic.
func (k *keys) news(topic string) string { return k.prefix + "news:" + topic }

// lock is held by the one gateway that does a task.
func (k *keys) lock(task string) string { return k.prefix + "lock:" + task }

// buckets divides what was seen on a day, which may be much, into hashes that
// can be read at once.
const buckets = 16

func (k *keys) usage(day int64, bucket int) string {
	return fmt.Sprintf("%susage:%d:%d", k.prefix, day, bucket)
}

func (k *keys) day(day int64, bucket int) string {
	return fmt.Sprintf("%sday:%d:%d", k.prefix, day, bucket)
}

func (k *keys) hour(hour int64) string { return k.prefix + "hour:" + strconv.FormatInt(hour, 10) }

func bucketOf(field string) int {
	h := fnv.New32a()
	h.Write([]byte(field))
	return int(h.Sum32() % buckets)
}
