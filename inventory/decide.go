package inventory

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// maxConditions bounds the conditions of one decision, maxReason its reason.
const (
	maxConditions = 32
	maxReason     = 2000
)

// InvalidError says what is wrong with a Change.
type InvalidError struct{ Problem string }

func (e *InvalidError) Error() string { return e.Problem }

// Decide records a decision and returns the service as it stands then. The next
// call of Status sees it. The error is an *UnknownError when no service goes by
// that name, an *InvalidError when the change makes no sense.
func (v *Inventory) Decide(ctx context.Context, c Change) (*Service, error) {
	status, err := c.status()
	if err != nil {
		return nil, err
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	id, err := v.Resolve(ctx, c.Service)
	if err != nil {
		return nil, err
	}
	_, err = v.Write(ctx, c.By, func(b *Book) ([]Note, error) {
		return v.notes(nil, b, id, status, &c)
	})
	if err != nil {
		return nil, fmt.Errorf("recording the decision on %q: %w", id, err)
	}
	v.cfg.Log.Info("status changed", "service", id, "status", string(status), "until", c.Until)
	detail, err := v.Service(ctx, id)
	if err != nil {
		return nil, err
	}
	return &detail.Service, nil
}

// notes appends what a decision puts on record.
func (v *Inventory) notes(list []Note, b *Book, id string, status traffic.Status, c *Change) ([]Note, error) {
	if c.If != nil {
		if err := c.If(b); err != nil {
			return nil, err
		}
	}
	list = append(list, Note{TopicDecision, id, &Decision{
		Time: v.cfg.Now().UTC(), ServiceID: id, Status: status, Owner: v.owner(id, c),
		Reason: c.Reason, Conditions: c.Conditions, Until: c.Until, By: c.By,
	}})
	for _, f := range [...]struct{ name, value string }{{FieldReview, c.Review}, {FieldDeputy, c.Deputy}} {
		if f.value != "" {
			list = append(list, Note{TopicField, FieldSubject(id, f.name), &Field{Value: f.value, Source: FromPerson, Confidence: 1, Reason: c.Reason}})
		}
	}
	return list, nil
}

// owner returns who owns the service after c: a decision that names nobody
// leaves the owner, and the first one makes its author the owner.
func (v *Inventory) owner(id string, c *Change) string {
	if c.Owner != "" {
		return c.Owner
	}
	if d, ok := v.standings.Load().byID[id]; ok && d.Owner != "" {
		return d.Owner
	}
	return c.By
}

// status returns the status that c leads to.
func (c *Change) status() (traffic.Status, error) {
	switch c.Verb {
	case Approve:
		if len(c.Conditions) > 0 {
			return traffic.StatusConditional, nil
		}
		return traffic.StatusApproved, nil
	case Refuse:
		return traffic.StatusRefused, nil
	case Review:
		return traffic.StatusInReview, nil
	case Retire:
		return traffic.StatusRetired, nil
	}
	return "", &InvalidError{fmt.Sprintf("unknown decision %q: it is one of approve, refuse, review, retire", text(string(c.Verb)))}
}

// check bounds what c says and puts it into its stored form.
func (c *Change) check() error {
	for _, d := range [...]struct{ name, day string }{{"until", c.Until}, {"review", c.Review}} {
		if _, err := time.Parse(time.DateOnly, d.day); d.day != "" && err != nil {
			return &InvalidError{fmt.Sprintf("%s %q is no date: write it as YYYY-MM-DD", d.name, text(d.day))}
		}
	}
	if len(c.Conditions) > maxConditions {
		return &InvalidError{fmt.Sprintf("%d conditions are too many: at most %d", len(c.Conditions), maxConditions)}
	}
	for _, s := range append([]string{c.Reason}, c.Conditions...) {
		if len(s) > maxReason {
			return &InvalidError{fmt.Sprintf("the reason or a condition is longer than %d bytes", maxReason)}
		}
	}
	conditions := make([]string, 0, len(c.Conditions))
	for _, s := range c.Conditions {
		conditions = append(conditions, strings.ToValidUTF8(strings.TrimSpace(s), "\uFFFD"))
	}
	c.Conditions = conditions
	c.Reason = strings.ToValidUTF8(c.Reason, "\uFFFD")
	c.Owner, c.By, c.Deputy = text(c.Owner), text(c.By), text(c.Deputy)
	return nil
}
