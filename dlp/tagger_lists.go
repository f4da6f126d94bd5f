package dlp

import (
	"strings"
	"sync"
)

// listed says of words, by their hashes, what lists have them: the lower eight bits are of
// lists of names, the others of what a word tells.
type listed struct {
	slots []listSlot // by the hash, or the next free one
}

type listSlot struct {
	hash  uint32
	lists uint16
	taken bool
}

// wordLists is made of all lists when the first sentence is tagged: one look tells what
// seven would. Of some hundred thousand words two have the same hash by chance.
var wordLists = sync.OnceValue(func() *listed {
	l := make(map[uint32]uint16)
	add := func(word string, lists uint16) { l[hashMore(hashStart, []byte(word))] |= lists }
	for text, list := range map[*string]uint16{&givenText: listGiven, &surnameText: listSurname, &plainText: listPlain, &twofoldText: listTwofold} {
		for word := range strings.Lines(*text) {
			add(strings.TrimSuffix(word, "\n"), list)
		}
	}
	for word, kind := range roleWords() {
		if kind != notRole {
			add(word, listRole)
		}
	}
	for word, kind := range signWords() {
		if kind&(signTell|signDo|signSay) != 0 {
			add(word, listSign)
		} else if kind&signGreet != 0 {
			add(word, listGreet)
		}
	}
	for word, roles := range healthWords().single {
		if roles&(1<<roleWho) != 0 {
			add(word, tellWho<<8)
		}
		if roles&(1<<roleSays) != 0 {
			add(word, tellSays<<8)
		}
	}
	for word, kind := range toldWords().whole {
		if tells := toldTells(kind); tells != 0 {
			add(word, uint16(tells<<8))
		}
	}
	size := 1
	for size < 2*len(l) {
		size *= 2
	}
	t := &listed{slots: make([]listSlot, size)}
	for hash, lists := range l {
		at := t.find(hash)
		t.slots[at] = listSlot{hash, lists, true}
	}
	return t
})

// find returns the slot of a hash, or the free one where it may go.
func (l *listed) find(hash uint32) int {
	mask := len(l.slots) - 1
	at := int(hash*headFactor>>8) & mask
	for l.slots[at].taken && l.slots[at].hash != hash {
		at = (at + 1) & mask
	}
	return at
}

// of returns which lists have a word.
func (l *listed) of(hash uint32) uint16 { return l.slots[l.find(hash)].lists }
