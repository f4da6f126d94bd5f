package vault

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"
)

// goneFor is how long it is remembered that a person was forgotten: for what was
// on its way to the shared store, or from there, at that moment.
const goneFor = time.Minute

// Forget wipes the values of all conversations of a person (Config.Person), in
// this process and in what gateways share, and says how many there were. Others
// hold theirs until they forget the person, too.
func (v *Vault) Forget(ctx context.Context, person string) (int64, error) {
	if person == "" {
		return 0, nil
	}
	here := v.forgetHere(person)
	if v.share == nil {
		return here, nil
	}
	there, err := v.share.store.ForgetTokens(ctx, v.keys.personTag(person))
	if err != nil {
		return here, fmt.Errorf("forgetting what gateways share: %w", err)
	}
	return max(here, there), nil // they are the same ones, but for those on their way
}

func (v *Vault) forgetHere(person string) (n int64) {
	now := v.cfg.Now()
	v.mu.Lock()
	defer v.mu.Unlock()
	for who, at := range v.gone {
		if now.Sub(at) > goneFor {
			delete(v.gone, who)
		}
	}
	v.gone[person] = now
	for _, c := range v.all {
		if c.person != person {
			continue
		}
		for e := c.oldest(); e != nil; e = c.oldest() {
			v.dropLocked(c, e)
			n++
		}
		v.endLocked(c)
	}
	v.stats.forgotten.Add(n)
	return n
}

// forgotten reports whether a person was forgotten at a time or later.
func (v *Vault) forgotten(person string, since time.Time) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.forgottenLocked(person, since)
}

func (v *Vault) forgottenLocked(person string, since time.Time) bool {
	at, ok := v.gone[person]
	return ok && !at.Before(since)
}

// personTag is what a person goes by in a shared store, "" for nobody.
func (k *keys) personTag(person string) string {
	if person == "" {
		return ""
	}
	sum := k.sum(sumPerson, 0, person)
	return hex.EncodeToString(sum[:16])
}
