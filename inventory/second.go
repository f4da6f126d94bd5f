package inventory

import (
	"slices"
	"strings"
)

// shared are accounts that are no single person: who acts under one may be
// anybody.
var shared = []string{"", "root", "uid 0", "console", "gnomon"}

// ownName says how people get a name. Root of a container is the common case: the
// kernel notes no login there, and everybody is root.
const ownName = "with an account of this machine that logged in, or over the API with a login (OIDC) or a token of your own " +
	"(\"gnomon access token create\"); in a container, where everybody is root, only the API will do"

// SecondPerson says why second can't confirm what first has asked for, nil when
// they can: both must be people, and two of them. Whoever made the token that
// the other one came with knows it, and is that person, too; who made those of both
// is both. Tokens of root and of the printed link are taken for those of their names:
// who has the machine can do anything to the files. The error is a *RevealError.
func (b *Book) SecondPerson(first, second string) error {
	for _, who := range [...]string{first, second} {
		if slices.Contains(shared, bare(who)) {
			return refusal("%q is no person: act under your own name, %s", text(who), ownName)
		}
	}
	if sameHuman(first, second) {
		return refusal("you asked for it yourself: a second person must allow it")
	}
	madeFirst, knownA := b.makers(first)
	madeSecond, knownB := b.makers(second)
	if !knownA || !knownB || slices.ContainsFunc(madeFirst, func(m string) bool { return sameHuman(m, second) }) ||
		slices.ContainsFunc(madeSecond, func(m string) bool { return sameHuman(m, first) }) {
		return refusal("one of you made the token that the other one uses, and may know it: a second person must allow it, with a login or a token that somebody else made")
	}
	for _, m := range madeFirst {
		if !slices.Contains(shared, bare(m)) && slices.ContainsFunc(madeSecond, func(n string) bool { return sameHuman(m, n) }) {
			return refusal("%q made the tokens of both of you, and may be both: a second person must allow it, with a login or a token that somebody else made", text(m))
		}
	}
	return nil
}

// sameHuman is SamePerson for who may have two names: an account of this machine
// and an address at a provider of logins.
func sameHuman(a, b string) bool {
	a, b = bare(a), bare(b)
	local, _, atA := strings.Cut(a, "@")
	other, _, atB := strings.Cut(b, "@")
	return a == b || atA != atB && local == other
}

// maxMakers bounds how far back the makers of tokens are followed.
const maxMakers = 16

// makers returns who made the token that a name stands for, who made the token
// that was used for it, and so on. Of too many it says that not all are known.
func (b *Book) makers(name string) (list []string, all bool) {
	for range maxMakers {
		token, ok := cutToken(name)
		if !ok {
			return list, true
		}
		name = b.maker(token)
		list = append(list, name)
	}
	return list, false // nobody makes tokens so deep for a good reason
}

// maker returns who made a token last, "" for nobody.
func (b *Book) maker(token string) (by string) {
	history := b.History(TopicAccess, token)
	for i := range history {
		n, err := Read[struct {
			Revoked bool `json:"revoked"`
		}](&history[i])
		if err == nil && !n.Revoked {
			by = history[i].By
		}
	}
	return by
}
