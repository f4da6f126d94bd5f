package dlp

import (
	_ "embed"
	"sync"
)

// givenNames are first names of all parts of the world in Latin, Greek and Cyrillic
// letters, in lower case and order: those of Faker (https://github.com/joke2k/faker and https://github.com/faker-js/faker,
// MIT), which took them from public statistics.
//
//go:embed given.txt
var givenText string

var givenNames = sync.OnceValue(func() *wordSet { return newWordSet(givenText) })

// surnames are surnames of all parts of the world, in lower case and order, of the
// same source.
//
//go:embed surnames.txt
var surnameText string

var surnames = sync.OnceValue(func() *wordSet { return newWordSet(surnameText) })

// twofoldNames are first names that are as often something else: a place, a month,
// a thing.
//
//go:embed twofold.txt
var twofoldText string

var twofoldNames = sync.OnceValue(func() *wordSet { return newWordSet(twofoldText) })

// publicPeople are people that prompts speak of and who are nobody's customers: in
// history, arts and politics, in books and films, and those that things are named
// after; and great places. A line is a name, or a surname that is nearly always
// theirs.
//
//go:embed public.txt
var publicText string

var publicPeople = sync.OnceValue(func() *wordSet { return newWordSet(publicText) })

// plainWords are words that are seldom a part of a name, though they may stand
// with a capital: those that ordinary texts are full of in lower case, and what
// departments, companies and salutations are made of, in lower case and order.
//
//go:embed words.txt
var plainText string

var plainWords = sync.OnceValue(func() *wordSet { return newWordSet(plainText) })

const mostName = 72 // bytes of a name

// personName checks that words with capitals are a name rather than the title of
// a thing: not all are ordinary words, and where one is, another is a first name.
func personName(value []byte) bool {
	n := judgeName(value)
	return n.is()
}

func (n *named) is() bool { return n.words > 0 && n.plain < n.words && (n.plain == 0 || n.given > 0) }

// personGiven is personName for places where titles of things stand as often:
// the first word must be a first name.
func personGiven(value []byte) bool {
	n := judgeName(value)
	return n.first && n.is()
}

// personFull is personName for running text, where nothing but the words tells of
// a name: it asks for a first name or a surname with what fits to it, and refuses
// people that are known to all.
func personFull(value []byte) bool {
	n := judgeName(value)
	switch {
	case n.words < 2 || public(value):
		return false
	case n.first && !n.twofold:
		return n.plain == 0 || n.surname && n.plain == 1
	case n.first, n.plain == 1 && n.firstPlain: // "Paris Miller", "Mark Miller"
		return n.surname && n.plain <= 1
	}
	return n.plain == 0 && (n.surname || n.firstSurname && n.given > 0)
}

// named counts the words with capitals.
type named struct {
	words, plain int
	given        int  // first names that are no ordinary words
	first        bool // the first word is one
	firstPlain   bool // it is one and an ordinary word, too,
	twofold      bool // or the name of something else
	firstSurname bool
	surname      bool // the last word is one
	patronymic   bool
}

func judgeName(value []byte) (n named) {
	if len(value) > mostName {
		return named{}
	}
	for i := 0; i < len(value); {
		var buf [40]byte
		word, capital, size := nextWord(buf[:0], value[i:])
		i += size
		if len(word) < 2 || !capital {
			if i == size && !capital && len(word) > 0 && !particle(word) { // a pattern takes "à" for a capital
				return named{}
			}
			continue // an initial, "van der"
		}
		n.words++
		n.surname = surname(word)
		n.firstSurname = n.firstSurname || n.words == 1 && n.surname
		n.patronymic = n.patronymic || patronymic(word)
		given := givenNames().has(word)
		switch {
		case plainWords().has(word):
			n.plain++
			n.firstPlain = n.firstPlain || n.words == 1 && given
		case given:
			n.given++
			n.first = n.first || n.words == 1
			n.twofold = n.twofold || n.words == 1 && twofoldNames().has(word)
		}
	}
	return n
}

// surnameEnds are what surnames of many peoples end in and other words seldom do.
var surnameEnds = [...]string{
	"wicz", "czyk", "wski", "wska", "cki", "cka", "ński", "ńska", "ková", "nová", "lová", "rová", "ský", "ská", "ović", "ević", "ovič", "evič", "escu", "ăscu",
	"sson", "ström", "quist", "qvist", "lund", "gaard", "stad", "rud", "lainen", "nen", "idis", "akis", "opoulos", "oğlu", "shvili", "enko", "chuk", "ova", "eva", "kov", "nov", "yan",
	"ffy", "gyi", "ßler", "ucci", "etti", "elli", "acci", "ório", "eira", "ález", "ínez", "ández", "arez", "ović", "auskas", "aitis", "iņš", "ņš", "wala", "appa", "murthy", "walla",
	"ский", "ская", "ский", "цкий", "цкая", "ов", "ова", "ев", "ева", "ёв", "ёва", "ин", "ина", "енко", "чук", "юк", "ський", "ська", "ян", "дзе", "швили",
	"ίδης", "ιάδης", "άκης", "όπουλος", "οπούλου", "ίδου", "άκη", "ούδης", "ήτρος", "έας", "άκος",
}

// leastSurname is how many bytes a word has that its end shows to be a surname.
const leastSurname = 7

// surname reports whether word, in small letters, is a surname, or looks like one.
func surname(word []byte) bool {
	if surnames().has(word) {
		return true
	}
	if len(word) < leastSurname || plainWords().has(word) {
		return false
	}
	return endsIn(word, endsOfSurnames()) || patronymic(word)
}

// wordEnds are ends of words, by their last two bytes, folded by startOf.
type wordEnds [1 << 10][]string

func newWordEnds(ends []string) *wordEnds {
	e := new(wordEnds)
	for _, end := range ends {
		of := &e[startOf(end[len(end)-2], end[len(end)-1])]
		*of = append(*of, end)
	}
	return e
}

// endsOfSurnames is made when the first name is met.
var endsOfSurnames = sync.OnceValue(func() *wordEnds { return newWordEnds(surnameEnds[:]) })

// endsIn reports whether word, of two bytes or more, has one of ends.
func endsIn(word []byte, ends *wordEnds) bool {
	for _, end := range ends[startOf(word[len(word)-2], word[len(word)-1])] {
		if len(word) >= len(end) && string(word[len(word)-len(end):]) == end {
			return true
		}
	}
	return false
}

// patronymics are what names made of a father's end in, in Russian, Ukrainian and
// Bulgarian.
var patronymics = [...]string{"ович", "евич", "йович", "ьич", "овна", "евна", "ична", "івна", "ївна"}

// endsOfPatronymics is made when the first name is met.
var endsOfPatronymics = sync.OnceValue(func() *wordEnds { return newWordEnds(patronymics[:]) })

// patronymic reports whether word, in small letters, is a name made of a father's.
func patronymic(word []byte) bool {
	return len(word) >= 12 && word[0] >= 0xd0 && endsIn(word, endsOfPatronymics()) // six letters, of Cyrillic
}

// public reports whether value is the name of somebody known to all.
func public(value []byte) bool {
	var both [2*mostGiven + 1]byte
	last := 0 // where the latest word starts in both
	pair := both[:0]
	for i := 0; i < len(value); {
		var buf [mostGiven]byte
		word, capital, size := nextWord(buf[:0], value[i:])
		i += size
		if len(word) < 2 || !capital {
			continue // "de", the initials of "J. S. Bach"
		}
		if publicPeople().has(word) {
			return true
		}
		pair = append(both[:0], pair[last:]...)
		if len(pair) > 0 {
			pair = append(pair, ' ')
		}
		last = len(pair)
		if pair = append(pair, word...); last > 0 && publicPeople().has(pair) {
			return true
		}
	}
	return false
}

// personPatronymic checks that one of the words of a name is made of a father's.
func personPatronymic(value []byte) bool {
	n := judgeName(value)
	return n.patronymic && n.words > 1 && !public(value)
}
