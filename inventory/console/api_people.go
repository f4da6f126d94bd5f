package console

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/register"
)

// account is one that was used at a service.
type account struct {
	Service string `json:"service"`
	ID      string `json:"id"`
	inventory.AccountUse
}

type accountList struct {
	Accounts []account `json:"accounts"`
	Next     string    `json:"next"`
}

// accounts pages by service: all accounts of some services.
func (s *Server) accounts(c *call, _ none) (out accountList, err error) {
	c.usual = serviceLimit
	ids, err := register.IDs(c.ctx(), s.cfg.Inventory)
	if err != nil {
		return out, err
	}
	if one := c.q.Get("service"); one != "" {
		id, err := s.cfg.Inventory.Resolve(c.ctx(), one)
		if err != nil {
			return out, err
		}
		ids = []string{id}
	}
	if ids, out.Next, err = page(c, ids, func(id *string) string { return *id }); err != nil {
		return out, err
	}
	out.Accounts = []account{}
	err = s.cfg.Inventory.EachFacts(c.ctx(), ids, []inventory.Kind{inventory.KindAccount}, func(d *inventory.Detail) error {
		for _, a := range d.AccountList {
			out.Accounts = append(out.Accounts, account{d.Service.Service, d.ID, a})
		}
		return nil
	})
	return out, err
}

type supplierList struct {
	Suppliers []register.Supplier `json:"suppliers"`
	Next      string              `json:"next"`
}

func (s *Server) suppliers(c *call, _ none) (out supplierList, err error) {
	set, err := s.rules()
	if err != nil {
		return out, err
	}
	rows, err := s.cfg.Inventory.Services(c.ctx())
	if err != nil {
		return out, err
	}
	out.Suppliers, out.Next, err = page(c, register.Suppliers(rows, set, c.book), func(v *register.Supplier) string { return v.Vendor })
	return out, err
}

// newErasure forgets a person.
type newErasure struct {
	Pseudonym string `json:"pseudonym"`
	Reason    string `json:"reason"`
}

func (s *Server) erase(c *call, in newErasure) (inventory.Erasure, error) {
	e, err := s.cfg.Inventory.Erase(c.ctx(), in.Pseudonym, in.Reason, c.who.Name)
	c.book = s.cfg.Inventory.Book()
	return e, err
}

// deletion is one that is on record: by retention, or of a person.
type deletion struct {
	Seq       int64               `json:"seq"`
	Time      time.Time           `json:"time"`
	By        string              `json:"by"`
	Pseudonym string              `json:"pseudonym"` // "": retention
	Retention *inventory.Deletion `json:"retention,omitempty"`
	Erasure   *inventory.Erasure  `json:"erasure,omitempty"`
}

type deletionList struct {
	Deletions []deletion `json:"deletions"`
	Next      string     `json:"next"`
}

func (s *Server) deletions(c *call, _ none) (out deletionList, err error) {
	var list []deletion
	for subject, history := range c.book.Subjects(inventory.TopicDeletion) {
		for i := range history {
			e := &history[i]
			d := deletion{Seq: e.Seq, Time: e.Time.UTC(), By: e.By, Pseudonym: subject}
			if subject == "" {
				d.Retention, err = read[inventory.Deletion](c, i, subject)
			} else {
				d.Erasure, err = read[inventory.Erasure](c, i, subject)
			}
			if err != nil {
				return out, err
			}
			list = append(list, d)
		}
	}
	slices.SortFunc(list, func(a, b deletion) int { return cmp.Compare(a.Seq, b.Seq) })
	out.Deletions, out.Next, err = page(c, list, func(d *deletion) string { return fmt.Sprintf("%020d", d.Seq) })
	return out, err
}

// read decodes the i-th entry on deletions of a subject.
func read[T any](c *call, i int, subject string) (*T, error) {
	v, err := inventory.Read[T](&c.book.History(inventory.TopicDeletion, subject)[i])
	return &v, err
}

// SheetRow is one line of the data sheet: what it is about, and what holds with
// the settings as they are.
type SheetRow struct {
	Topic string `json:"topic"`
	Title string `json:"title"`
	Fact  string `json:"fact"`
}

type sheet struct {
	Rows []SheetRow `json:"rows"`
}

func (s *Server) sheet(c *call, _ none) (sheet, error) {
	if s.cfg.Sheet == nil {
		return sheet{}, absent("data sheet")
	}
	return sheet{append([]SheetRow{}, s.cfg.Sheet(cmp.Or(c.q.Get("lang"), "en"))...)}, nil
}

// signer is whose key evidence packs are signed with.
type signer struct {
	Fingerprint string `json:"fingerprint"`
	PublicKey   string `json:"public_key"` // PEM
}

func (s *Server) signer(*call, none) (out signer, err error) {
	if s.cfg.Signer == nil {
		return out, absent("key for evidence packs")
	}
	out.Fingerprint, out.PublicKey, err = s.cfg.Signer()
	return out, err
}
