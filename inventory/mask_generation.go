package inventory

import (
	"cmp"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Generation is a time in which people keep their pseudonyms. What is stored
// under a person stays under one id, which no key of a later generation changes;
// what is shown is that id under the generation's key.
type Generation struct {
	Number int64     `json:"generation"`
	Since  time.Time `json:"since,omitzero"` // sightings from then on; absent: from the beginning
	By     string    `json:"by,omitempty"`
	Reason string    `json:"reason,omitempty"`

	seq int64 // of its entry in the ledger
}

// rotationNote is what the ledger holds of a rotation. The subject of the entry
// is the number of the new generation.
type rotationNote struct {
	Since  time.Time `json:"since"`
	Reason string    `json:"reason"`
}

// Generations returns all generations in order. The first one is there without
// an entry.
func (b *Book) Generations() ([]Generation, error) {
	list := []Generation{{}}
	for subject, history := range b.Subjects(TopicRotation) {
		e := &history[0]
		note, err := Read[rotationNote](e)
		if err != nil {
			return nil, err
		}
		n, err := strconv.ParseInt(subject, 10, 32)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("reading ledger entry %d (%s): %.40q is no generation", e.Seq, e.Kind, subject)
		}
		list = append(list, Generation{Number: n, Since: note.Since, By: e.By, Reason: note.Reason, seq: e.Seq})
	}
	slices.SortFunc(list, func(a, b Generation) int { return cmp.Compare(a.Number, b.Number) })
	return list, nil
}

// generationAt returns the number of the generation of a time, of those that
// were on record before an entry of the ledger.
func generationAt(list []Generation, t time.Time, before int64) (n int64) {
	for i := range list {
		if g := &list[i]; g.seq < before && !g.Since.After(t) {
			n = g.Number
		}
	}
	return n
}

// A pseudonym is the letter of a kind, the number of a generation unless that is
// 0, a dash and 48 bits: "u-3f9c02ab17de", "u2-90be11d04c37".
const pseudonymBits = 48

// parsePseudonym takes a pseudonym apart.
func parsePseudonym(id string) (kind byte, generation int64, bits uint64, ok bool) {
	head, tail, found := strings.Cut(id, "-")
	if !found || head == "" || len(tail) != pseudonymBits/4 || head[0] != 'u' && head[0] != 'c' {
		return 0, 0, 0, false
	}
	if number := head[1:]; number != "" {
		n, err := strconv.ParseInt(number, 10, 32)
		if err != nil || n < 1 || strconv.FormatInt(n, 10) != number {
			return 0, 0, 0, false
		}
		generation = n
	}
	bits, err := strconv.ParseUint(tail, 16, pseudonymBits)
	return head[0], generation, bits, err == nil && tail == strings.ToLower(tail)
}

// IsPseudonym reports whether a text has the form of one.
func IsPseudonym(id string) bool {
	_, _, _, ok := parsePseudonym(id)
	return ok
}

// GenerationOf returns what of a pseudonym names its generation, "" for the
// first.
func GenerationOf(pseudonym string) string {
	head, _, _ := strings.Cut(pseudonym, "-")
	if len(head) < 2 || !IsPseudonym(pseudonym) {
		return ""
	}
	return head[1:]
}

func formatPseudonym(kind byte, generation int64, bits uint64) string {
	if generation == 0 {
		return fmt.Sprintf("%c-%012x", kind, bits)
	}
	return fmt.Sprintf("%c%d-%012x", kind, generation, bits)
}

// maxAliases bounds the pseudonyms that are remembered: those of everybody, as
// lists of people are put in their order.
const maxAliases = 1 << 18

// aliased is what an alias is remembered by.
type aliased struct {
	generation int64
	id         string
}

// alias returns what an id is shown as in a generation. Of two generations
// nothing tells, without the key, that two aliases are one person.
func (m *mask) alias(generation int64, id string) string {
	kind, own, bits, ok := parsePseudonym(id)
	if generation == 0 || !ok || own != 0 {
		return id
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	key := aliased{generation, id}
	if a, ok := m.aliases[key]; ok {
		return a
	}
	a := formatPseudonym(kind, generation, permute(m.generationLocked(generation), kind, bits))
	if len(m.aliases) >= maxAliases {
		clear(m.aliases)
	}
	m.aliases[key] = a
	return a
}

// kept returns the id behind an alias, and its generation.
func (m *mask) kept(alias string) (id string, generation int64) {
	kind, generation, bits, ok := parsePseudonym(alias)
	if !ok || generation == 0 {
		return alias, 0
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return formatPseudonym(kind, 0, permuteBack(m.generationLocked(generation), kind, bits)), generation
}

// generationLocked returns the cipher of a generation, whose key is
// HMAC-SHA256(key, "pseudonym" || generation).
func (m *mask) generationLocked(n int64) cipher.Block {
	if b := m.generations[n]; b != nil {
		return b
	}
	mac := hmac.New(sha256.New, m.key[:])
	mac.Write(binary.BigEndian.AppendUint64([]byte("pseudonym"), uint64(n)))
	block, err := aes.NewCipher(mac.Sum(nil))
	if err != nil {
		panic(err) // 32 bytes are a key
	}
	if len(m.generations) >= maxCiphers {
		clear(m.generations)
	}
	m.generations[n] = block
	return block
}

const (
	// maxCiphers bounds the generations whose ciphers are kept at hand: who asks
	// for a name may write any number.
	maxCiphers = 64

	// rounds are those of a Feistel network (as in NIST SP 800-38G), which makes a
	// permutation of 48 bits of a cipher of 128: no two people get one pseudonym,
	// and the key leads back.
	rounds = 10
	half   = 1<<24 - 1
)

func round(b cipher.Block, kind byte, n int, v uint64) uint64 {
	var in, out [aes.BlockSize]byte
	in[0], in[1] = kind, byte(n)
	binary.BigEndian.PutUint32(in[2:], uint32(v))
	b.Encrypt(out[:], in[:])
	return uint64(out[0])<<16 | uint64(out[1])<<8 | uint64(out[2])
}

func permute(b cipher.Block, kind byte, v uint64) uint64 {
	left, right := v>>24, v&half
	for n := range rounds {
		left, right = right, left^round(b, kind, n, right)
	}
	return left<<24 | right
}

func permuteBack(b cipher.Block, kind byte, v uint64) uint64 {
	left, right := v>>24, v&half
	for n := rounds - 1; n >= 0; n-- {
		left, right = right^round(b, kind, n, left), left
	}
	return left<<24 | right
}
