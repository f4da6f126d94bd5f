package dlp

import (
	_ "embed"
	"strings"
	"sync"
)

// sense is what a word means: its kind, the same in all languages, so that what was learned of
// some words of a kind holds for all.
type sense uint8

const (
	senseNone sense = iota
	senseBody       // knee, pulse
	senseIllness
	senseSymptom
	senseInjury
	senseTreatment
	senseDrug
	senseDoctor
	senseClinic
	senseAid     // wheelchair
	senseTest    // scan, creatinine
	senseAbility // walk, remember
	senseUnable  // no longer
	senseBefall  // diagnosed, relapsed
	senseTake    // prescribed, twice a day
	senseCourse  // chronic, worse
	senseMind    // panic
	senseSubstance
	senseBirth
	senseLeave // unfit for work
	senseKin
	senseRole // tenant
	senseAnimal
	senseThing   // car, website: what can be ill in jest
	senseFigure  // market, deadline
	senseGeneral // symptoms of, percent of
	senseDevice
	senseID         // serial number
	senseDeviceTalk // rebooted, under warranty
	senseAccess     // log in, gate
	sensePersonTalk // promoted, texted
	sensePlace      // Ljubljana
	senseNation     // Danish
	senseTime       // Tuesday
	senseBrand      // what is known by a name that is nobody's
	sensePublic     // Mozart
	senseText       // letter, translate
	senseAddress    // Mrs, regards
	senseCommon     // what has a capital in German, or first in a line, and is no name
	allSenses
)

// senseNames are the names of senses in senses.txt.
var senseNames = map[string]sense{
	"body": senseBody, "illness": senseIllness, "symptom": senseSymptom, "injury": senseInjury, "treatment": senseTreatment, "drug": senseDrug,
	"doctor": senseDoctor, "clinic": senseClinic, "aid": senseAid, "test": senseTest, "ability": senseAbility, "unable": senseUnable, "befall": senseBefall,
	"take": senseTake, "course": senseCourse, "mind": senseMind, "substance": senseSubstance, "birth": senseBirth, "leave": senseLeave, "kin": senseKin,
	"role": senseRole, "animal": senseAnimal, "thing": senseThing, "figure": senseFigure, "general": senseGeneral, "device": senseDevice, "idword": senseID,
	"device_talk": senseDeviceTalk, "access": senseAccess, "person_talk": sensePersonTalk,
	"place": sensePlace, "nation": senseNation, "time": senseTime, "brand": senseBrand, "public": sensePublic, "text": senseText, "address": senseAddress,
	"common": senseCommon,
}

// senses.txt has words and phrases by their senses, in lower case; a star ends what words start
// with.
//
//go:embed senses.txt
var senseFile string

// senseList tells the senses of words by their hashes.
type senseList struct {
	entries hashTable[sense]
	starts  senseBits // of what words start with,
	phrases senseBits // and of words of phrases but the last
}

// senseBits holds which hashes there are, and few others.
type senseBits [1 << (senseBitsLog - 6)]uint64

const senseBitsLog = 18

func (b *senseBits) add(hash uint32) {
	hash = hash * headFactor >> (32 - senseBitsLog)
	b[hash>>6] |= 1 << (hash & 63)
}

func (b *senseBits) has(hash uint32) bool {
	hash = hash * headFactor >> (32 - senseBitsLog)
	return b[hash>>6]>>(hash&63)&1 != 0
}

// What is done to hashes of what words start with, and of two words together.
const (
	senseStart = 0x53746172
	senseNext  = 0x4e657874
)

// senses are read when the first sentence is tagged.
var senses = sync.OnceValue(func() *senseList { return newSenseList(senseFile) })

func newSenseList(file string) *senseList {
	l := &senseList{}
	entries := make(map[uint32]sense, strings.Count(file, ","))
	var as sense
	for line := range strings.Lines(file) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "[") {
			as = senseNames[strings.Trim(line, "[]")]
			continue
		}
		for entry := range strings.SplitSeq(line, ",") {
			if entry = strings.TrimSpace(entry); entry != "" && as != senseNone && line[0] != '#' {
				h := l.key(entry)
				if entries[h] == senseNone { // what stands first
					entries[h] = as
				}
			}
		}
	}
	l.entries = newHashTable(entries)
	return l
}

// key returns the hash of an entry, of which it notes how it begins.
func (l *senseList) key(entry string) uint32 {
	h := uint32(hashStart)
	for {
		word, rest, more := strings.Cut(entry, " ")
		if !more {
			break
		}
		h = hashMore(h, []byte(word))
		l.phrases.add(h)
		h = (h ^ senseNext) * hashPrime
		entry = rest
	}
	entry, open := strings.CutSuffix(entry, "*")
	h = hashMore(h, []byte(entry))
	if open {
		h ^= senseStart
		l.starts.add(h)
	}
	return h
}

// of returns the sense of a word, which goes on with the hash of what stands before it: that of all
// of it, or of the longest start that has one; and the hash of all.
func (l *senseList) of(h uint32, word []byte) (as sense, all uint32) {
	for _, c := range word {
		h = (h ^ uint32(c)) * hashPrime
		if l.starts.has(h ^ senseStart) {
			if longer := l.entries.of(h ^ senseStart); longer != senseNone {
				as = longer
			}
		}
	}
	if whole := l.entries.of(h); whole != senseNone {
		as = whole
	}
	return as, h
}

// ofWord returns the sense of a word by itself, and its hash.
func (l *senseList) ofWord(word []byte) (as sense, h uint32) {
	if as, h = l.of(hashStart, word); as == senseNone {
		as = l.ofEnd(word)
	}
	return as, h
}

// What words of a compound that ends in a known word have at least.
const (
	leastCompound = 8
	leastLastPart = 5
)

// ofEnd returns the sense of the longest known word that a long word ends in: what compounds are.
func (l *senseList) ofEnd(word []byte) sense {
	if len(word) < leastCompound {
		return senseNone
	}
	for i := 3; i <= len(word)-leastLastPart; i++ {
		if as := l.entries.of(hashMore(hashStart, word[i:])); as != senseNone {
			return as
		}
	}
	return senseNone
}

// mostSensed is how many letters of scripts without blanks an entry has at most.
const mostSensed = 8

// noteSenses notes the senses of the words of a sentence that was read.
func (s *tagged) noteSenses(l *senseList) {
	s.means = 0
	for i := 0; i < s.n; {
		as, n := s.senseAt(l, i)
		for k := i; k < i+n; k++ {
			if w := &s.words[k]; w.sense != as {
				w.sense, w.known = as, false
			}
		}
		s.means |= 1 << as
		i += n
	}
	s.gist = gistOf(s.means)
}

// senseAt returns the sense of what starts at word i, and how many words that is.
func (s *tagged) senseAt(l *senseList, i int) (as sense, n int) {
	w := &s.words[i]
	switch w.shape & formMask {
	case formMark, formDigits:
		return senseNone, 1
	case formLone:
		return s.senseAtLone(l, i)
	}
	h := w.whole
	if as = w.sense; !w.known {
		as, h = l.ofWord(s.word(w))
	}
	n = 1
	for k := i + 1; k < s.n && l.phrases.has(h); k++ {
		var longer sense
		if longer, h = l.of((h^senseNext)*hashPrime, s.word(&s.words[k])); longer != senseNone {
			as, n = longer, k-i+1
		}
	}
	return as, n
}

// senseAtLone is senseAt for the letters of scripts without blanks.
func (s *tagged) senseAtLone(l *senseList, i int) (as sense, n int) {
	h, n := uint32(hashStart), 1
	for k := i; k < min(s.n, i+mostSensed) && s.words[k].shape&formMask == formLone; k++ {
		h = hashMore(h, s.word(&s.words[k]))
		if longer := l.entries.of(h); longer != senseNone {
			as, n = longer, k-i+1
		}
	}
	return as, n
}
