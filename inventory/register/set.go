package register

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// Assignment is a value for a field of a row.
type Assignment struct {
	Row   string `json:"row"` // see RowID
	Field string `json:"field"`
	Was   string `json:"was"` // as filled in before; filled in by Notes
	Value string `json:"value"`
}

// CheckAll brings all values into their common form, or says all that is wrong with
// them.
func (s *Schema) CheckAll(list []Assignment) error {
	var errs []error
	for i := range list {
		value, err := s.Check(list[i].Field, list[i].Value)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", list[i].Row, err))
			continue
		}
		list[i].Value = value
	}
	return errors.Join(errs...)
}

// Notes returns what has to be put on record to fill in list, and which of it
// changes something.
func Notes(b *inventory.Book, list []Assignment, source, reason string) (notes []inventory.Note, changed []Assignment) {
	changed = []Assignment{}
	for _, a := range list {
		if a.Was = b.FieldValue(a.Row, a.Field); a.Was == a.Value {
			continue
		}
		changed = append(changed, a)
		notes = append(notes, inventory.Note{
			Topic: inventory.TopicField, Subject: inventory.FieldSubject(a.Row, a.Field),
			Data: &inventory.Field{Value: a.Value, Source: source, Confidence: 1, Reason: reason},
		})
	}
	return notes, changed
}

// RowOf returns the id of the row of a service and a use case, "" for all of its
// use. The error is an *inventory.InvalidError when it has no such use case.
func RowOf(b *inventory.Book, service, useCase string) (string, error) {
	if useCase == "" {
		return service, nil
	}
	cases, err := UseCases(b)
	if err != nil {
		return "", err
	}
	var ids []string
	for i := range cases {
		if cases[i].Has(service) {
			ids = append(ids, cases[i].ID)
		}
	}
	if !slices.Contains(ids, useCase) {
		return "", &inventory.InvalidError{Problem: fmt.Sprintf("%s has no use case %q: it has [%s]; make one with gnomon inventory usecase add", clip(service), clip(useCase), strings.Join(ids, ", "))}
	}
	return RowID(service, useCase), nil
}

// CheckReason says what is wrong with the reason of a change; none is needed.
func CheckReason(reason string) error {
	if len(reason) > maxText || !utf8.ValidString(reason) {
		return &inventory.InvalidError{Problem: fmt.Sprintf("the reason is longer than %d bytes", maxText)}
	}
	return nil
}
