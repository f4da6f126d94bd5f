package vault

import (
	"slices"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// tokens are those of one speaker: of the conversation, and of all that was said
// at the service without naming one.
type tokens struct {
	vault     *Vault
	person    string
	own, wide id // the same where no conversation is named
	loads     [2]*load
	since     time.Time // when the request began
}

var _ traffic.Tokens = (*tokens)(nil)

// maxTries bounds the search for a free name. With a tenth of a percent of all
// names taken, so many are taken once in 10^24.
const maxTries = 8

// Hide implements traffic.Tokens.
func (t *tokens) Hide(f *traffic.Finding, value []byte) string {
	if len(value) == 0 || len(value) > maxValue {
		t.vault.stats.unkept.Add(1)
		return ""
	}
	if t.isToken(value) {
		return string(value)
	}
	l := label(f)
	v := t.vault
	for n := range uint32(maxTries) {
		sum := v.keys.sum(sumValue, n, string(t.own[:]), l, string(value))
		name := l + "_" + code(sum[len(valueID{}):])
		first := valueID(sum[:])
		if n > 0 {
			zero := v.keys.sum(sumValue, 0, string(t.own[:]), l, string(value))
			first = valueID(zero[:])
		}
		if name, ok := t.put(first, name, value); ok {
			v.stats.hidden.Add(1)
			return token(name)
		}
	}
	v.stats.unkept.Add(1)
	return ""
}

// put keeps a value under a name; ok is false when the name stands for another
// value. It returns the name that the value has already, if it has one.
func (t *tokens) put(value valueID, name string, plain []byte) (string, bool) {
	v := t.vault
	now := v.cfg.Now()
	v.mu.Lock()
	defer v.mu.Unlock()
	c := v.conversationLocked(t.own, t.person)
	e := c.byValue[value]
	if e != nil {
		c.use(e, now)
		if v.share != nil && now.Unix()-stamp(e.sealed) > int64(v.cfg.Keep/time.Second)/2 {
			old := e.cost()
			e.sealed = v.keys.pack(t.own, now.Unix(), e.name, plain)
			v.bytes += e.cost() - old
			v.share.put(c, e)
		}
		return e.name, true
	}
	if c.byName[name] != nil || t.wide != t.own && v.all[t.wide] != nil && v.all[t.wide].byName[name] != nil {
		return "", false
	}
	if len(c.byName) >= v.cfg.Entries && !c.oldest().used.Before(t.since) {
		return "", false // what this request sends as tokens must come back
	}
	e = &entry{name: name, value: value, used: now, sealed: v.keys.pack(t.own, now.Unix(), name, plain)}
	c.add(e)
	v.bytes += e.cost()
	if v.share != nil {
		v.share.put(c, e)
	}
	v.boundLocked(c)
	return name, true
}

// isToken reports whether a value is a token of the speaker's already, that
// comes back as it was sent.
func (t *tokens) isToken(value []byte) bool {
	name, ok := strings.CutPrefix(string(value), "[")
	if ok {
		name, ok = strings.CutSuffix(name, "]")
	}
	if !ok || !isName(name) {
		return false
	}
	v := t.vault
	v.mu.Lock()
	defer v.mu.Unlock()
	e, _ := t.findLocked(name)
	return e != nil
}

// findLocked returns the entry of a name and its conversation.
func (t *tokens) findLocked(name string) (*entry, *conversation) {
	for _, i := range [...]id{t.own, t.wide} {
		if c := t.vault.all[i]; c != nil {
			if e := c.byName[name]; e != nil {
				return e, c
			}
		}
	}
	return nil, nil
}

// Names implements traffic.Tokens.
func (t *tokens) Names() []string {
	t.wait()
	v := t.vault
	v.mu.Lock()
	defer v.mu.Unlock()
	var own, wide []string
	if c := v.all[t.own]; c != nil {
		own = c.sorted()
	}
	if c := v.all[t.wide]; c != nil && t.wide != t.own {
		wide = c.sorted()
	}
	switch {
	case len(wide) == 0:
		return own
	case len(own) == 0:
		return wide
	}
	both := slices.Concat(own, wide)
	slices.Sort(both)
	return slices.Compact(both)
}

// Value implements traffic.Tokens.
func (t *tokens) Value(name string) []byte {
	v := t.vault
	now := v.cfg.Now()
	v.mu.Lock()
	e, c := t.findLocked(name)
	if e == nil || e.twice || now.Sub(e.used) > v.cfg.Keep {
		v.mu.Unlock()
		return nil
	}
	c.use(e, now)
	sealed := slices.Clone(e.sealed)
	v.mu.Unlock()
	got, value, err := v.keys.unpack(c.id, sealed)
	if err != nil || got != name {
		return nil
	}
	return value
}

// Restored implements traffic.Tokens.
func (t *tokens) Restored(n int) { t.vault.stats.restored.Add(int64(n)) }
