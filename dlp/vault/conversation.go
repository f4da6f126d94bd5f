package vault

import (
	"container/list"
	"slices"
	"time"
)

// What an empty conversation and an entry take beside the sealed value: maps,
// lists and names, measured roughly.
const (
	conversationCost = 512
	entryCost        = 384
)

// conversation is what one speaker has had hidden. The vault's lock guards it.
type conversation struct {
	id      id
	person  string        // see Config.Person
	place   *list.Element // in Vault.recent
	byName  map[string]*entry
	byValue map[valueID]*entry
	recent  *list.List // of *entry, the latest used first
	names   []string   // of all entries, in order; nil: to be made
	loaded  time.Time  // when the shared ones were last read
}

// valueID is the keyed hash of a value and its label.
type valueID [16]byte

// entry is one value.
type entry struct {
	name   string
	value  valueID
	sealed []byte
	used   time.Time
	twice  bool // another gateway gave the same name to another value: it stands for neither
	place  *list.Element
}

func (e *entry) cost() int64 { return entryCost + int64(len(e.sealed)) }

func newConversation(i id, person string) *conversation {
	return &conversation{id: i, person: person, byName: make(map[string]*entry), byValue: make(map[valueID]*entry), recent: list.New()}
}

func (c *conversation) add(e *entry) {
	c.byName[e.name], c.byValue[e.value] = e, e
	e.place = c.recent.PushFront(e)
	c.names = nil
}

func (c *conversation) remove(e *entry) {
	delete(c.byName, e.name)
	delete(c.byValue, e.value)
	c.recent.Remove(e.place)
	c.names = nil
}

// use marks an entry as used.
func (c *conversation) use(e *entry, now time.Time) {
	e.used = now
	c.recent.MoveToFront(e.place)
}

// oldest returns the entry that was not used for longest, nil when there is
// none.
func (c *conversation) oldest() *entry {
	if last := c.recent.Back(); last != nil {
		return last.Value.(*entry)
	}
	return nil
}

// sorted returns the names of all entries. Who gets them may keep them: they are
// made anew when an entry comes or goes.
func (c *conversation) sorted() []string {
	if c.names == nil {
		c.names = make([]string, 0, len(c.byName))
		for name := range c.byName {
			c.names = append(c.names, name)
		}
		slices.Sort(c.names)
	}
	return c.names
}
