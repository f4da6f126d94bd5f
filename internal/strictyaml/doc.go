// Package strictyaml decodes YAML into Go structs and forgives nothing: an
// unknown or repeated key, a value of the wrong type, a second document or an
// alias bomb is an error that names file, line and column.
//
// In: one file's bytes; out: a filled struct, or Errors with everything that is
// wrong with the file. A field of type Position receives the place of its
// struct, so that later checks can name it; Document.At finds the place of a
// single value.
//
// Keys are the fields' yaml tags; a field without one, or with "-", can't be
// set. An empty value ("key:") leaves the field's zero value. Text, numbers,
// booleans, lists, maps with text keys, nested structs, time.Time (a date,
// YYYY-MM-DD), time.Duration ("10s"), Size ("32MiB"), netip.Addr, netip.Prefix
// (a bare address too) and every encoding.TextUnmarshaler are understood.
package strictyaml
