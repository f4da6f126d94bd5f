package console

import (
	"encoding/json"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/declared"
)

type declaredList struct {
	Lists []declared.List `json:"lists"`
	Next  string          `json:"next"`
}

func (s *Server) listDeclared(c *call, _ none) (out declaredList, err error) {
	var names []string
	for name := range c.book.Subjects(inventory.TopicDeclared) {
		names = append(names, name)
	}
	if names, out.Next, err = page(c, names, func(name *string) string { return *name }); err != nil {
		return out, err
	}
	out.Lists = []declared.List{}
	for _, name := range names { // only those of the page are read
		l, _, err := inventory.Newest[declared.List](c.book, inventory.TopicDeclared, name)
		if err != nil {
			return out, err
		}
		l.Name = name
		fillList(&l)
		out.Lists = append(out.Lists, l)
	}
	return out, nil
}

// fillList makes empty what is nil: consumers of the JSON never see a null.
func fillList(l *declared.List) {
	if l.Items == nil {
		l.Items = []declared.Item{}
	}
	for i := range l.Items {
		d := &l.Items[i]
		d.Surfaces, d.Departments, d.Data = filled(d.Surfaces), filled(d.Departments), filled(d.Data)
		d.Accounts, d.Models = filled(d.Accounts), filled(d.Models)
	}
}

func filled[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// declaredChange says what is new in a list.
type declaredChange struct {
	Name    string `json:"name"`
	Uses    int    `json:"uses"`
	Added   int    `json:"added"`
	Changed int    `json:"changed"`
	Removed int    `json:"removed"`
}

// newList is a list of what is approved; its name is in the path.
type newList struct {
	Services []json.RawMessage `json:"services"`
}

// declare puts a list on record in the place of the older one of its name.
func (s *Server) declare(c *call, in newList) (out declaredChange, err error) {
	out.Name = c.path("name")
	text, err := json.Marshal(in) // JSON is YAML: one reader checks both
	if err != nil {
		return out, &inventory.InvalidError{Problem: err.Error()}
	}
	list, err := declared.ReadYAML("list", text)
	if err != nil {
		return out, &inventory.InvalidError{Problem: err.Error()}
	}
	list.Name = out.Name
	out.Uses = len(list.Items)
	unmoved := c.unmoved(inventory.TopicDeclared, list.Name)
	c.book, err = s.cfg.Inventory.Write(c.ctx(), c.who.Name, func(b *inventory.Book) ([]inventory.Note, error) {
		if err := unmoved(b); err != nil {
			return nil, err
		}
		old, _, err := inventory.Newest[declared.List](b, inventory.TopicDeclared, list.Name)
		if err != nil {
			return nil, err
		}
		if out.Added, out.Changed, out.Removed = declared.Changes(&old, list); out.Added+out.Changed+out.Removed == 0 {
			return nil, nil
		}
		return []inventory.Note{{Topic: inventory.TopicDeclared, Subject: list.Name, Data: list}}, nil
	})
	return out, err
}
