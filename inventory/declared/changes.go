package declared

import (
	"reflect"
	"strings"
)

// Changes counts the uses that a list adds to an older one, changes in it and
// removes from it.
func Changes(old, now *List) (added, changed, removed int) {
	before := make(map[string]*Item, len(old.Items))
	for i := range old.Items {
		before[old.Items[i].key()] = &old.Items[i]
	}
	for i := range now.Items {
		it := &now.Items[i]
		was := before[it.key()]
		delete(before, it.key())
		switch {
		case was == nil:
			added++
		case !alike(was, it):
			changed++
		}
	}
	return added, changed, len(before)
}

// key tells a use from the others of its list.
func (it *Item) key() string {
	return strings.ToLower(it.Service) + "\x00" + strings.ToLower(it.UseCase)
}

// alike reports whether two items say the same; an absent list and an empty one
// do.
func alike(a, b *Item) bool {
	v, w := reflect.ValueOf(*a), reflect.ValueOf(*b)
	for i := range v.NumField() {
		if x, y := v.Field(i), w.Field(i); x.Kind() == reflect.Slice && x.Len() == 0 && y.Len() == 0 {
			continue
		} else if !reflect.DeepEqual(x.Interface(), y.Interface()) {
			return false
		}
	}
	return true
}
