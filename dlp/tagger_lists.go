package dlp

import (
	"strings"
	"sync"
)

// wordLists says of words, by their hashes, what lists have them: the lower eight bits are of
// lists of names, the others of what a word tells. It is made of all lists when the first
// sentence is tagged: one look tells what seven would. Of some hundred thousand words two have
// the same hash by chance.
var wordLists = sync.OnceValue(func() hashTable[uint16] {
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
	return newHashTable(l)
})
