package document

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// notebookSample bounds where the keys of a notebook are looked for at its ends.
const notebookSample = 64 << 10

// isNotebook tells whether a text is a Jupyter notebook.
func isNotebook(data []byte) bool {
	head := bytes.TrimSpace(data[:min(len(data), notebookSample)])
	if len(head) == 0 || head[0] != '{' {
		return false
	}
	tail := data[max(0, len(data)-notebookSample):]
	has := func(key string) bool { return bytes.Contains(head, []byte(key)) || bytes.Contains(tail, []byte(key)) }
	return has(`"nbformat"`) && has(`"cell_type"`)
}

// nbFile is the part of a notebook that is read as such; the rest is metadata.
type nbFile struct {
	Cells    []nbCell        `json:"cells"`
	Metadata json.RawMessage `json:"metadata"`
}

type nbCell struct {
	Type        string                                `json:"cell_type"`
	Source      nbText                                `json:"source"`
	Outputs     []nbOutput                            `json:"outputs"`
	Attachments map[string]map[string]json.RawMessage `json:"attachments"`
	Metadata    json.RawMessage                       `json:"metadata"`
}

type nbOutput struct {
	Text      nbText                     `json:"text"`
	Data      map[string]json.RawMessage `json:"data"`
	Name      nbText                     `json:"ename"`
	Value     nbText                     `json:"evalue"`
	Traceback []nbText                   `json:"traceback"`
}

// nbText is a string or a list of strings that follow each other.
type nbText []byte

func (t *nbText) UnmarshalJSON(b []byte) error {
	var lines []string
	if json.Unmarshal(b, &lines) == nil {
		*t = []byte(strings.Join(lines, ""))
		return nil
	}
	var s string
	if json.Unmarshal(b, &s) == nil {
		*t = []byte(s)
		return nil
	}
	*t = b // whatever it is
	return nil
}

// notebook reads the cells with their outputs. What is not a notebook after all
// is text.
func (w *walk) notebook(data []byte) error {
	var nb nbFile
	if err := json.Unmarshal(data, &nb); err != nil || len(nb.Cells) == 0 {
		if err != nil && strings.Contains(err.Error(), "max depth") {
			w.gap(TooDeep, string(Notebook)) // its bytes are read all the same
		}
		w.plain(data)
		return nil
	}
	for i, c := range nb.Cells {
		if !w.more() {
			return nil
		}
		w.nbCell(i+1, c)
	}
	if len(nb.Metadata) > 2 {
		w.piece(Place{Part: PartProperty}, nb.Metadata)
	}
	return nil
}

func (w *walk) nbCell(n int, c nbCell) {
	name := strconv.Itoa(n)
	w.linesOf(Place{Part: PartCell, Name: name}, c.Source)
	if len(c.Metadata) > 2 {
		w.piece(Place{Part: PartProperty, Name: name}, c.Metadata)
	}
	for _, file := range slices.Sorted(maps.Keys(c.Attachments)) {
		w.nbData(file, c.Attachments[file])
	}
	out := Place{Part: PartOutput, Name: name}
	for _, o := range c.Outputs {
		w.linesOf(out, o.Text)
		if len(o.Name)+len(o.Value) > 0 {
			w.linesOf(out, slices.Concat(o.Name, []byte(": "), o.Value))
		}
		for _, t := range o.Traceback {
			w.linesOf(out, t)
		}
		w.enterPlace(part{Place: out})
		w.nbData("output "+name, o.Data)
	}
}

// linesOf writes a text whose lines are numbered.
func (w *walk) linesOf(p Place, text []byte) {
	if len(text) == 0 {
		return
	}
	w.line()
	w.enterPlace(part{Place: p, unit: unitLine})
	w.span(1, 0)
	w.write(text)
	w.line()
}

// nbData reads data by media type. Text in several forms is read in each.
func (w *walk) nbData(name string, data map[string]json.RawMessage) {
	for _, kind := range slices.Sorted(maps.Keys(data)) {
		var text nbText
		text.UnmarshalJSON(data[kind])
		if (strings.HasPrefix(kind, "image/") || strings.HasPrefix(kind, "application/pdf")) && kind != "image/svg+xml" {
			text = decodeBase64(text)
		}
		if w.unpack(int64(len(text))) {
			w.inside(name+" "+kind, text)
		} else {
			w.gap(TooLarge, kind)
		}
	}
}
