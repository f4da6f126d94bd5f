package console

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
	"github.com/gnomon-proxy/gnomon/inventory/register"
)

// rowList is a page of the register: whole services, by id.
type rowList struct {
	Rows []register.Row `json:"rows"`
	Next string         `json:"next"`
}

func (s *Server) rowsOf(c *call, ids []string) ([]register.Row, error) {
	if s.cfg.Register == nil {
		return nil, absent("register")
	}
	rows, err := s.cfg.Register(c.ctx(), ids)
	return append([]register.Row{}, rows...), err
}

// register pages by service before anything is put together: a row costs much.
func (s *Server) register(c *call, _ none) (out rowList, err error) {
	c.usual = serviceLimit
	ids, err := register.IDs(c.ctx(), s.cfg.Inventory)
	if err != nil {
		return out, err
	}
	if ids, out.Next, err = page(c, ids, func(id *string) string { return *id }); err != nil {
		return out, err
	}
	out.Rows, err = s.rowsOf(c, ids)
	return out, err
}

func (s *Server) registerOf(c *call, _ none) (out rowList, err error) {
	id, err := s.cfg.Inventory.Resolve(c.ctx(), c.path("name"))
	if err != nil {
		return out, err
	}
	out.Rows, err = s.rowsOf(c, []string{id})
	return out, err
}

type fieldList struct {
	Fields []register.Definition `json:"fields"`
}

func (s *Server) fields(*call, none) (out fieldList, err error) {
	schema, err := register.NewSchema()
	if err != nil {
		return out, err
	}
	out.Fields = slices.Clone(schema.Fields)
	for i := range out.Fields {
		out.Fields[i].Values = filled(out.Fields[i].Values)
	}
	return out, nil
}

// newFields fills in fields of one row of the register.
type newFields struct {
	UseCase string            `json:"use_case"` // "": all use of the service
	Values  map[string]string `json:"values"`   // by field; "" empties one
	Reason  string            `json:"reason"`
	Preview bool              `json:"preview"` // only say what would change
}

// rowFields are the fields of one of many rows.
type rowFields struct {
	Service string            `json:"service"` // name or id
	UseCase string            `json:"use_case"`
	Values  map[string]string `json:"values"`
}

// manyFields fills in fields of many rows.
type manyFields struct {
	Rows    []rowFields `json:"rows"`
	Reason  string      `json:"reason"`
	Preview bool        `json:"preview"`
}

type changedFields struct {
	Changed []register.Assignment `json:"changed"`
}

func (s *Server) setFields(c *call, in newFields) (changedFields, error) {
	return s.setRows(c, manyFields{[]rowFields{{c.path("name"), in.UseCase, in.Values}}, in.Reason, in.Preview})
}

// setRows fills in all that is asked for, or nothing.
func (s *Server) setRows(c *call, in manyFields) (out changedFields, err error) {
	schema, err := register.NewSchema()
	if err != nil {
		return out, err
	}
	var list []register.Assignment
	for _, row := range in.Rows {
		some, err := s.assignments(c, schema, row)
		if err != nil {
			return out, err
		}
		list = append(list, some...)
	}
	if err := schema.CheckAll(list); err != nil {
		return out, &inventory.InvalidError{Problem: err.Error()}
	}
	if err := register.CheckReason(in.Reason); err != nil {
		return out, err
	}
	book, err := s.cfg.Inventory.Write(c.ctx(), c.who.Name, func(b *inventory.Book) (notes []inventory.Note, err error) {
		for _, a := range list {
			if err := c.unmoved(inventory.TopicField, inventory.FieldSubject(a.Row, a.Field))(b); err != nil {
				return nil, err
			}
		}
		if notes, out.Changed = register.Notes(b, list, inventory.FromPerson, in.Reason); in.Preview {
			return nil, nil
		}
		return notes, nil
	})
	if err == nil {
		c.book = book
	}
	return out, err
}

// assignments are in the order of the schema, so that the ledger is, too.
func (s *Server) assignments(c *call, schema *register.Schema, in rowFields) (list []register.Assignment, err error) {
	id, err := s.cfg.Inventory.Resolve(c.ctx(), in.Service)
	if err != nil {
		return nil, err
	}
	row, err := register.RowOf(c.book, id, in.UseCase)
	if err != nil {
		return nil, err
	}
	for name := range in.Values {
		if _, err := schema.Check(name, ""); err != nil {
			return nil, err
		}
	}
	for _, name := range schema.Settable() {
		if value, ok := in.Values[name]; ok {
			list = append(list, register.Assignment{Row: row, Field: name, Value: value})
		}
	}
	return list, nil
}

// history lists what is on record on a service.
func (s *Server) history(c *call, _ none) (out entryList, err error) {
	id, err := s.cfg.Inventory.Resolve(c.ctx(), c.path("name"))
	if err != nil {
		return out, err
	}
	out.Ledger = c.book.Chain()
	out.Entries, out.Next, err = page(c, register.History(c.book, id), func(e *ledger.Entry) string { return fmt.Sprintf("%020d", e.Seq) })
	return out, err
}

type useCaseList struct {
	UseCases []register.UseCase `json:"use_cases"`
	Next     string             `json:"next"`
}

func (s *Server) useCases(c *call, _ none) (out useCaseList, err error) {
	list, err := register.UseCases(c.book)
	if err != nil {
		return out, err
	}
	for i := range list {
		list[i].Services, list[i].Departments = filled(list[i].Services), filled(list[i].Departments)
	}
	out.UseCases, out.Next, err = page(c, list, func(u *register.UseCase) string { return u.ID })
	return out, err
}

// newUseCase is what some services are used for.
type newUseCase struct {
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Services    []string `json:"services"` // names or ids
	Departments []string `json:"departments"`
}

func (s *Server) setUseCase(c *call, in newUseCase) (out register.UseCase, err error) {
	out = register.UseCase{ID: c.path("id"), Name: strings.TrimSpace(in.Name), Description: in.Description, Services: []string{}, Departments: filled(in.Departments)}
	for _, name := range in.Services {
		id, err := s.cfg.Inventory.Resolve(c.ctx(), name)
		if err != nil {
			return out, err
		}
		if !slices.Contains(out.Services, id) {
			out.Services = append(out.Services, id)
		}
	}
	if err := out.Check(); err != nil {
		return out, err
	}
	return out, s.put(c, inventory.TopicUseCase, out.ID, out)
}

func (s *Server) retireUseCase(c *call, _ none) (out register.UseCase, err error) {
	id := c.path("id")
	unmoved := c.unmoved(inventory.TopicUseCase, id)
	book, err := s.cfg.Inventory.Write(c.ctx(), c.who.Name, func(b *inventory.Book) (notes []inventory.Note, err error) {
		u, ok, err := inventory.Newest[register.UseCase](b, inventory.TopicUseCase, id)
		if err = errors.Join(err, unmoved(b)); err != nil {
			return nil, err
		}
		if !ok {
			return nil, notFound("there is no such use case")
		}
		already := u.Retired
		u.ID, u.Retired = id, true
		u.Services, u.Departments = filled(u.Services), filled(u.Departments)
		if out = u; already {
			return nil, nil
		}
		return []inventory.Note{{Topic: inventory.TopicUseCase, Subject: id, Data: u}}, nil
	})
	if err == nil {
		c.book = book
	}
	return out, err
}
