package strictyaml

import (
	"reflect"
	"strings"
)

// keys are the YAML keys of a struct type.
type keys struct {
	names    []string // in the order of the fields
	byName   map[string]int
	position int // field that receives the place, or -1
}

func (d *decoder) keysOf(t reflect.Type) *keys {
	if k := d.keys[t]; k != nil {
		return k
	}
	k := &keys{byName: make(map[string]int), position: -1}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Type == positionType {
			k.position = i
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if name == "" || name == "-" || !f.IsExported() {
			continue
		}
		k.names = append(k.names, name)
		k.byName[name] = i
	}
	d.keys[t] = k
	return k
}
