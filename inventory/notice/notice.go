package notice

import (
	"cmp"
	"strconv"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

// Notice is an entry of the ledger as other systems see it.
type Notice struct {
	ID       string          `json:"id"` // of the entry: the same from each gateway
	Time     time.Time       `json:"time"`
	Alert    bool            `json:"alert"` // a person must look at it; else it is a change
	Topic    inventory.Topic `json:"topic"`
	Event    string          `json:"event"` // key_in_prompt, new_data_class, approved, shown, ...
	Severity Severity        `json:"severity"`
	Title    string          `json:"title"`              // what happened, in a few words that name nobody
	Text     string          `json:"text"`               // the title with what it is about
	By       string          `json:"by"`                 // a pseudonym, or an account that is nobody's own
	About    string          `json:"about,omitempty"`    // a service, a pseudonym, a keyed hash, ...: see Object
	Object   Object          `json:"object"`             // what About is
	Services []string        `json:"services,omitempty"` // ids
	Users    []string        `json:"users,omitempty"`    // pseudonyms
	Entry    int64           `json:"entry"`              // number in the ledger
}

// Severity says how much a notice matters.
type Severity string

// The severities.
const (
	Info   Severity = "info"
	Low    Severity = "low"
	Medium Severity = "medium"
	High   Severity = "high"
)

// Object is a kind of thing that notices are about.
type Object string

// The objects.
const (
	ObjectService   Object = "service"
	ObjectKey       Object = "api_key"
	ObjectLedger    Object = "ledger"
	ObjectPerson    Object = "person"
	ObjectPolicy    Object = "policy"
	ObjectSettings  Object = "settings"
	ObjectToken     Object = "api_token"
	ObjectException Object = "exception"
	ObjectControl   Object = "control"
	ObjectEvidence  Object = "evidence_pack"
	ObjectStore     Object = "inventory"
	ObjectGateway   Object = "gateway"
)

// Objects lists all objects.
func Objects() []Object {
	return []Object{
		ObjectService, ObjectKey, ObjectLedger, ObjectPerson, ObjectPolicy, ObjectSettings, ObjectToken,
		ObjectException, ObjectControl, ObjectEvidence, ObjectStore, ObjectGateway,
	}
}

// Of returns what is told of an entry; ok is false for what is news to nobody.
// actor returns what stands for a name: inventory.Inventory.Actor.
func Of(e *ledger.Entry, actor func(name string) string) (n Notice, ok bool) {
	t, ok := topics[inventory.Topic(e.Kind)]
	if !ok {
		return n, false
	}
	n = Notice{
		ID: "ledger-" + strconv.FormatInt(e.Seq, 10) + "-" + e.Hash.String()[:16], Entry: e.Seq, Time: e.Time, Topic: inventory.Topic(e.Kind),
		Event: e.Kind, Severity: t.severity, Title: t.title, Object: t.object, By: actor(e.By),
	}
	t.read(&n, e, saidBy(e))
	if inventory.Topic(e.Kind) == inventory.TopicAccess {
		n.About = actor("token:" + e.Subject) // people name tokens after themselves
	}
	n.bound()
	return n, true
}

const (
	// maxText bounds a text of a notice and maxList its lists: the ledger takes far
	// more than receivers do.
	maxText = 1000
	maxList = 50
)

func (n *Notice) bound() {
	for _, s := range [...]*string{&n.Event, &n.Title, &n.Text, &n.By, &n.About} {
		*s = cut(*s)
	}
	for _, list := range [...]*[]string{&n.Services, &n.Users} {
		*list = (*list)[:min(len(*list), maxList)]
		for i, s := range *list {
			(*list)[i] = cut(s)
		}
	}
	n.Event = cmp.Or(n.Event, string(n.Topic)) // of an entry of another version
	if n.Text == "" {
		n.Text = n.Title
		if n.About != "" {
			n.Text += ": " + n.About
		}
		if n.Event != string(n.Topic) {
			n.Text += " (" + n.Event + ")"
		}
	}
}
