package inventory

import (
	"context"
	"fmt"
	"strings"
)

// maxDepartments is more than anybody has.
const maxDepartments = 100_000

// DoubtDepartment says what is doubtful about a department that an exception is
// to hold for: that nobody of it has been seen, and which ones are called nearly
// so. It is "" where nothing is.
func (v *Inventory) DoubtDepartment(ctx context.Context, name string) (string, error) {
	if name = strings.TrimSpace(name); name == "" {
		return "", nil
	}
	list, err := v.Seen().Subjects(ctx, KindGroup, maxDepartments)
	if err != nil {
		return "", err
	}
	names := make([]string, len(list))
	for i := range list {
		if names[i] = list[i].Name; strings.EqualFold(names[i], name) {
			return "", nil
		}
	}
	doubt := fmt.Sprintf("nobody of a department %q has been seen", text(name))
	if near := Near(names, name); len(near) > 0 {
		doubt += ": do you mean " + strings.Join(near, ", ") + "?"
	}
	return doubt, nil
}
