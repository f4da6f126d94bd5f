package register

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// UseCase is what some services are used for. The ledger holds it as JSON
// (inventory.TopicUseCase; the subject is ID). A service has a row for each of
// its use cases beside the one for all of its use.
type UseCase struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Services    []string `json:"services"`    // ids
	Departments []string `json:"departments"` // groups; none: not told apart by them
	Retired     bool     `json:"retired"`
}

// maxID bounds the id of a use case, maxServices its services.
const (
	maxID       = 64
	maxServices = 1000
)

// Check says what is wrong with a use case, as an *inventory.InvalidError.
func (u *UseCase) Check() error {
	bad := func(format string, args ...any) error {
		return &inventory.InvalidError{Problem: "use case: " + fmt.Sprintf(format, args...)}
	}
	switch {
	case u.ID == "" || u.ID != Slug(u.ID):
		return bad("%q is no id: write lower-case letters, digits and hyphens, at most %d", clip(u.ID), maxID)
	case strings.TrimSpace(u.Name) == "":
		return bad("it needs a name")
	case len(u.Name) > maxText || len(u.Description) > maxText:
		return bad("the name or the description is longer than %d bytes", maxText)
	case len(u.Services) == 0 || len(u.Services) > maxServices || len(u.Departments) > maxServices:
		return bad("name 1 to %d services, and at most as many departments", maxServices)
	}
	return nil
}

// Slug makes an id of a name.
func Slug(name string) string {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(name) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			gap = false
			b.WriteRune(r)
		} else {
			gap = true
		}
		if b.Len() == maxID {
			break
		}
	}
	return b.String()
}

// UseCases returns all use cases by id, retired ones too.
func UseCases(b *inventory.Book) ([]UseCase, error) {
	list := []UseCase{}
	for id, history := range b.Subjects(inventory.TopicUseCase) {
		u, err := inventory.Read[UseCase](&history[len(history)-1])
		if err != nil {
			return nil, err
		}
		u.ID = id
		list = append(list, u)
	}
	return list, nil
}

// Has reports whether a use case is in force and of a service.
func (u *UseCase) Has(service string) bool { return !u.Retired && slices.Contains(u.Services, service) }

// RowID names the row of a service and use case; "" is all of its use.
func RowID(service, useCase string) string {
	if useCase == "" {
		return service
	}
	return service + "/" + useCase
}

// IDs returns the ids of all services that the register has rows of: those that
// were seen, decided upon or given a use case, the most used first.
func IDs(ctx context.Context, inv *inventory.Inventory) ([]string, error) {
	rows, err := inv.Services(ctx)
	if err != nil {
		return nil, err
	}
	ids, seen := make([]string, 0, len(rows)), make(map[string]bool, len(rows))
	add := func(id string) {
		if !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	for i := range rows {
		add(rows[i].ID)
	}
	cases, err := UseCases(inv.Book())
	for i := range cases {
		for _, id := range cases[i].Services {
			if !cases[i].Retired {
				add(id)
			}
		}
	}
	return ids, err
}
