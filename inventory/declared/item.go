package declared

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/strictyaml"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// List is what an organisation declares. The ledger holds it as JSON
// (inventory.TopicDeclared; the subject is Name).
type List struct {
	Name  string `yaml:"name" json:"name"`
	Items []Item `yaml:"services" json:"services"`
}

// Item is one approved use of a service. A list that is empty allows everything
// of its kind.
type Item struct {
	Service     string                `yaml:"service" json:"service"` // name or id
	UseCase     string                `yaml:"use_case" json:"use_case"`
	Purpose     string                `yaml:"purpose" json:"purpose"`
	Surfaces    []traffic.Surface     `yaml:"surfaces" json:"surfaces"` // the part of the purpose that can be seen: web, api, ide, cli, agent, ...
	Departments []string              `yaml:"departments" json:"departments"`
	Data        []traffic.Class       `yaml:"data" json:"data"` // classes of data that it may get; "none" alone: none
	Accounts    []traffic.AccountKind `yaml:"accounts" json:"accounts"`
	Models      []string              `yaml:"models" json:"models"` // a final * stands for any ending
	Vendor      string                `yaml:"vendor" json:"vendor"`
	Terms       string                `yaml:"terms" json:"terms"` // version of the supplier's terms that were approved
	Owner       string                `yaml:"owner" json:"owner"`
	ApprovedOn  string                `yaml:"approved_on" json:"approved_on"` // days are YYYY-MM-DD
	ReviewBy    string                `yaml:"review_by" json:"review_by"`
	Until       string                `yaml:"until" json:"until"`
	Note        string                `yaml:"note" json:"note"`
}

// noData stands alone in Item.Data where a service may get no sensitive data.
const noData = traffic.Class("none")

// maxItems bounds a list, maxText each text of it.
const (
	maxItems = 20_000
	maxText  = 2000
)

// check notes what is wrong with an item. at tells the position of a key.
func (it *Item) check(at func(key string) strictyaml.Position, errs *strictyaml.Errors) {
	if strings.TrimSpace(it.Service) == "" {
		errs.Add(at("service"), "service: name the service, as the register does or by its id")
	}
	for _, d := range []struct{ key, day string }{{"approved_on", it.ApprovedOn}, {"review_by", it.ReviewBy}, {"until", it.Until}} {
		if _, err := time.Parse(time.DateOnly, d.day); d.day != "" && err != nil {
			errs.Add(at(d.key), "%s: %q is no day: write it as YYYY-MM-DD", d.key, d.day)
		}
	}
	for _, c := range it.Data {
		if c == noData && len(it.Data) == 1 {
			continue
		}
		if !slices.Contains(traffic.Classes(), c) {
			errs.Add(at("data"), "data: %q is no class of data: use none, or some of %s", c, words(traffic.Classes()))
		}
	}
	for _, a := range it.Accounts {
		if !slices.Contains(accountKinds, a) {
			errs.Add(at("accounts"), "accounts: %q is no kind of account: use some of %s", a, words(accountKinds))
		}
	}
	for _, s := range it.Surfaces {
		if !slices.Contains(surfaces, s) {
			errs.Add(at("surfaces"), "surfaces: %q is unknown: use some of %s", s, words(surfaces))
		}
	}
	for _, s := range []string{it.Service, it.UseCase, it.Purpose, it.Vendor, it.Terms, it.Owner, it.Note} {
		if len(s) > maxText {
			errs.Add(at("service"), "a text is longer than %d bytes", maxText)
		}
	}
}

func words[T ~string](list []T) string {
	parts := make([]string, len(list))
	for i, v := range list {
		parts[i] = string(v)
	}
	return strings.Join(parts, ", ")
}

// holds reports whether an item is in force on a day.
func (it *Item) holds(today string) bool { return it.Until == "" || today <= it.Until }

// title names an item in a difference.
func (it *Item) title() string {
	if it.UseCase == "" {
		return it.Service
	}
	return fmt.Sprintf("%s (%s)", it.Service, it.UseCase)
}
