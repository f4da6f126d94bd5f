package evidence

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
	"github.com/gnomon-proxy/gnomon/inventory/published"
)

// RulesNote is what the ledger holds of rules that came into force
// (inventory.TopicPolicy; the subject is Hash).
type RulesNote struct {
	Gateway  string     `json:"gateway"`
	Program  string     `json:"program"`  // version
	Embedded string     `json:"embedded"` // SHA-256 of the rules that are part of the program
	Files    []RuleFile `json:"files"`    // own ones, laid over them; below published/ those for all gateways
	Hash     string     `json:"hash"`     // of all but Gateway

	Published int64 `json:"published,omitempty"` // version of the rules that were published for all gateways; 0: none
}

// RuleFile is a file of the organisation's own rules.
type RuleFile struct {
	Name   string `json:"name"` // with slashes
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	Text   []byte `json:"-"` // nil: its hash alone is put on record
}

// RuleText is a part of the text of a file of rules (inventory.TopicRuleFile; the
// subject is its SHA-256).
type RuleText struct {
	Part int    `json:"part"` // from 0
	Text string `json:"text"`
}

// SettingsNote is what the ledger holds of settings that came into force
// (inventory.TopicSettings; the subject is Hash).
type SettingsNote struct {
	Gateway  string         `json:"gateway"`
	Program  string         `json:"program"`
	Hash     string         `json:"hash"`     // of Settings
	Settings map[string]any `json:"settings"` // by key, without secrets
}

// maxPart bounds the text of one entry: escaped it must fit into a note of 1 MiB.
const maxPart = 128 << 10

// NewRuleFile returns a file of rules. keep says whether its text is put on
// record.
func NewRuleFile(name string, data []byte, keep bool) RuleFile {
	sum := sha256.Sum256(data)
	f := RuleFile{Name: name, Size: int64(len(data)), SHA256: hex.EncodeToString(sum[:])}
	if keep && utf8.Valid(data) {
		f.Text = data
	}
	return f
}

// Notes returns what has to be put on record of rules: nothing when the same are
// in force on the gateway already.
func (n *RulesNote) Notes(b *inventory.Book) ([]inventory.Note, error) {
	slices.SortFunc(n.Files, func(x, y RuleFile) int { return cmp.Compare(x.Name, y.Name) })
	n.Files = append([]RuleFile{}, n.Files...)
	all := []any{n.Program, n.Embedded, n.Files}
	if n.Published != 0 {
		all = append(all, n.Published)
	}
	n.Hash = hashOf(all)
	last, err := lastOf(b, inventory.TopicPolicy, func(r *RulesNote) bool { return r.Gateway == n.Gateway })
	if err != nil || last != nil && last.Hash == n.Hash {
		return nil, err
	}
	var notes []inventory.Note
	known := make(map[string]bool)
	for _, f := range n.Files {
		if f.Text == nil || known[f.SHA256] || len(b.History(inventory.TopicRuleFile, f.SHA256)) > 0 {
			continue
		}
		known[f.SHA256] = true
		for i, part := range parts(string(f.Text)) {
			notes = append(notes, inventory.Note{Topic: inventory.TopicRuleFile, Subject: f.SHA256, Data: RuleText{i, part}})
		}
	}
	return append(notes, inventory.Note{Topic: inventory.TopicPolicy, Subject: n.Hash, Data: n}), nil
}

// Notes returns what has to be put on record of settings: nothing when the same
// are in force on the gateway already.
func (n *SettingsNote) Notes(b *inventory.Book) ([]inventory.Note, error) {
	n.Hash = hashOf(n.Settings)
	last, err := lastOf(b, inventory.TopicSettings, func(s *SettingsNote) bool { return s.Gateway == n.Gateway })
	if err != nil || last != nil && last.Hash == n.Hash {
		return nil, err
	}
	return []inventory.Note{{Topic: inventory.TopicSettings, Subject: n.Hash, Data: n}}, nil
}

func hashOf(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		b = []byte(err.Error()) // plain values always marshal
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// parts cuts a text between characters.
func parts(s string) (list []string) {
	for len(s) > maxPart {
		end := maxPart
		for !utf8.RuneStart(s[end]) {
			end--
		}
		list, s = append(list, s[:end]), s[end:]
	}
	return append(list, s)
}

// lastOf returns the newest note of a topic that is wanted, nil when there is
// none.
func lastOf[T any](b *inventory.Book, topic inventory.Topic, wanted func(*T) bool) (*T, error) {
	var found *T
	for _, e := range chronicle(b, topic) {
		v, err := inventory.Read[T](e)
		if err != nil {
			return nil, err
		}
		if wanted(&v) {
			found = &v
		}
	}
	return found, nil
}

// chronicle returns all entries of a topic, oldest first.
func chronicle(b *inventory.Book, topic inventory.Topic) (list []*ledger.Entry) {
	for _, history := range b.Subjects(topic) {
		for i := range history {
			list = append(list, &history[i])
		}
	}
	slices.SortFunc(list, func(a, b *ledger.Entry) int { return cmp.Compare(a.Seq, b.Seq) })
	return list
}

// inForce is a version of rules or settings on one gateway.
type inForce struct {
	Entry   int64     `json:"entry"` // of the ledger
	From    time.Time `json:"from"`
	Until   time.Time `json:"until,omitzero"` // the next version; absent: still in force
	Gateway string    `json:"gateway"`
	Program string    `json:"program"`
	Hash    string    `json:"hash"`
	Folder  string    `json:"folder,omitempty"` // of the texts
	File    string    `json:"file,omitempty"`
	note    any
}

// PolicyHistory returns the files of policy/: the rules and settings that were in
// force at some time of the period, and policy/history.json that lists them.
func PolicyHistory(b *inventory.Book, p Period) ([]File, error) {
	rules, err := versions(b, inventory.TopicPolicy, p, func(n *RulesNote) (string, string, string) { return n.Gateway, n.Program, n.Hash })
	if err != nil {
		return nil, err
	}
	settings, err := versions(b, inventory.TopicSettings, p, func(n *SettingsNote) (string, string, string) { return n.Gateway, n.Program, n.Hash })
	if err != nil {
		return nil, err
	}
	var files []File
	for i := range rules {
		v := &rules[i]
		v.Folder = fmt.Sprintf("policy/rules-%d", v.Entry)
		more, err := ruleFiles(b, v.note.(*RulesNote), v.Folder)
		if err != nil {
			return nil, err
		}
		files = append(files, more...)
	}
	for i := range settings {
		v := &settings[i]
		v.File = fmt.Sprintf("policy/settings-%d.json", v.Entry)
		files = append(files, File{v.File, asJSON(v.note.(*SettingsNote).Settings)})
	}
	public, err := publications(b, p)
	if err != nil {
		return nil, err
	}
	return append(files, File{"policy/history.json", asJSON(struct {
		Rules     []inForce     `json:"rules"`
		Settings  []inForce     `json:"settings"`
		Published []publication `json:"published"`
	}{append([]inForce{}, rules...), append([]inForce{}, settings...), public})}), nil
}

// publication is a version of the rules that was published for all gateways.
type publication struct {
	Entry int64 `json:"entry"` // of the ledger
	published.Version
}

// publications returns what was published in a period, and the last from before
// it. The files are with the rules that came into force.
func publications(b *inventory.Book, p Period) ([]publication, error) {
	list := []publication{}
	for _, e := range chronicle(b, inventory.TopicRules) {
		if !e.Time.Before(p.Until) {
			break
		}
		v, err := published.Claimed(e)
		if err != nil {
			return nil, err
		}
		if !e.Time.After(p.From) {
			list = list[:0]
		}
		list = append(list, publication{e.Seq, v})
	}
	return list, nil
}

// versions returns what was in force in a period: on each gateway all that came
// in it, and the last from before it.
func versions[T any](b *inventory.Book, topic inventory.Topic, p Period, of func(*T) (gateway, program, hash string)) ([]inForce, error) {
	var all []inForce
	last := make(map[string]int) // by gateway
	for _, e := range chronicle(b, topic) {
		if !e.Time.Before(p.Until) {
			break
		}
		n, err := inventory.Read[T](e)
		if err != nil {
			return nil, err
		}
		v := inForce{Entry: e.Seq, From: e.Time, note: &n}
		v.Gateway, v.Program, v.Hash = of(&n)
		if i, ok := last[v.Gateway]; ok {
			all[i].Until = e.Time
		}
		last[v.Gateway] = len(all)
		all = append(all, v)
	}
	return slices.DeleteFunc(all, func(v inForce) bool { return !v.Until.IsZero() && !v.Until.After(p.From) }), nil
}

// ruleFiles returns the texts of rules that are on record.
func ruleFiles(b *inventory.Book, n *RulesNote, folder string) (files []File, err error) {
	files = append(files, File{folder + "/rules.json", asJSON(n)})
	for _, f := range n.Files {
		entries := b.History(inventory.TopicRuleFile, f.SHA256)
		name := folder + "/own/" + f.Name
		if checkName(name) != nil {
			name = folder + "/own/" + f.SHA256
		}
		var whole []byte
		for i := range entries {
			part, err := inventory.Read[RuleText](&entries[i])
			if err != nil {
				return nil, err
			}
			if part.Part == 0 && len(whole) > 0 {
				break // two processes put it on record
			}
			whole = append(whole, part.Text...)
		}
		if len(entries) == 0 {
			continue // only its hash is on record
		}
		if sum := sha256.Sum256(whole); hex.EncodeToString(sum[:]) != f.SHA256 {
			return nil, fmt.Errorf("the text of the rule file %q in the ledger has another SHA-256 than %s", f.Name, f.SHA256)
		}
		files = append(files, File{name, func(w io.Writer) error { _, err := w.Write(whole); return err }})
	}
	return files, nil
}
