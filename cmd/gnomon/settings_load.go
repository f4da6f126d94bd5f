package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/pflag"
	"github.com/spf13/viper"

	"github.com/gnomon-proxy/gnomon/internal/strictyaml"
)

// addSettingsFlags gives a command a flag for each setting. --state-dir is
// missing: all commands have it.
func addSettingsFlags(flags *pflag.FlagSet) {
	s := defaultSettings()
	for _, one := range s.all() {
		if one.key != "state_dir" && !one.fileOnly() {
			flags.String(one.flag(), "", one.tag.Get("help"))
		}
	}
}

// loadSettings returns the settings of file ("" means that of GNOMON_CONFIG, or
// none), of the environment and of those flags that were given. Paths in the
// file are relative to it. An error in any of them is a *configError that lists
// all mistakes with their places.
func loadSettings(file string, flags *pflag.FlagSet) (Settings, error) {
	s, _, err := resolveSettings(file, flags, os.Environ())
	return s, err
}

// sources tells where the value of each setting comes from: a place in the
// file, a variable, a flag; the zero Position is the default.
type sources struct {
	at  map[string]strictyaml.Position
	doc *strictyaml.Document
}

// of returns the place of a setting, or of an element of it.
func (s *sources) of(key string, sub ...any) strictyaml.Position {
	at := s.at[key]
	if at.Line == 0 {
		return at
	}
	one := setting{key: key}
	at, _ = s.doc.At(append(one.path(), sub...)...)
	return at
}

func resolveSettings(file string, flags *pflag.FlagSet, environ []string) (Settings, *sources, error) {
	var errs strictyaml.Errors
	l := &layers{v: viper.NewWithOptions(viper.KeyDelimiter("::"), viper.ExperimentalBindStruct()), maps: make(map[string]any), from: &sources{at: make(map[string]strictyaml.Position)}}
	l.defaults()
	env := variables(environ, &errs)
	if file == "" {
		file = env[configVariable]
	}
	if file != "" {
		l.file(file, &errs)
	}
	l.environment(env, &errs)
	l.flags(flags, &errs)
	if len(errs) > 0 {
		return Settings{}, l.from, &configError{errs}
	}
	s, err := l.merge()
	if err != nil {
		return Settings{}, l.from, &configError{err}
	}
	rebase(&s, file, l.from)
	validate(&s, l.from, &errs)
	if len(errs) > 0 {
		return Settings{}, l.from, &configError{errs}
	}
	canonical(&s)
	return s, l.from, nil
}

// layers are the sources of settings on their way through viper. Each value is
// parsed by us first, so that errors name its place; viper says which wins.
type layers struct {
	v    *viper.Viper
	maps map[string]any // values of the settings that viper must not touch
	from *sources
}

func viperKey(key string) string { return strings.ReplaceAll(key, ".", "::") }

func (l *layers) defaults() {
	s := defaultSettings()
	for _, one := range s.all() {
		if !one.isMap() {
			l.v.SetDefault(viperKey(one.key), one.value.Interface())
		}
	}
}

// file reads the settings file strictly and hands viper the values that it
// sets.
func (l *layers) file(name string, errs *strictyaml.Errors) {
	data, err := readSettingsFile(name)
	if err != nil {
		errs.Add(strictyaml.Position{File: name}, "reading the settings: %v", err)
		return
	}
	var s Settings
	doc, err := strictyaml.Decode(name, data, &s)
	if err != nil {
		errs.Join(name, err)
		return
	}
	l.from.doc = doc
	values := make(map[string]any)
	for _, one := range s.all() {
		if !doc.Has(one.path()...) {
			continue
		}
		l.from.at[one.key], _ = doc.At(one.path()...)
		if one.isMap() {
			l.maps[one.key] = one.value.Interface()
			continue
		}
		put(values, one.key, one.value.Interface())
	}
	if err := l.v.MergeConfigMap(values); err != nil {
		errs.Add(strictyaml.Position{File: name}, "merging the settings: %v", err)
	}
}

// put sets a value in nested maps.
func put(m map[string]any, key string, value any) {
	head, rest, nested := strings.Cut(key, ".")
	if !nested {
		m[key] = value
		return
	}
	in, ok := m[head].(map[string]any)
	if !ok {
		in = make(map[string]any)
		m[head] = in
	}
	put(in, rest, value)
}

// readSettingsFile reads up to one byte more than a settings file may have.
func readSettingsFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err == nil {
		defer f.Close()
		var data []byte
		if data, err = io.ReadAll(io.LimitReader(f, strictyaml.MaxFile+1)); err == nil {
			return data, nil
		}
	}
	if p, ok := errors.AsType[*os.PathError](err); ok {
		err = p.Err // the place names the file already
	}
	return nil, err
}

func (l *layers) environment(env map[string]string, errs *strictyaml.Errors) {
	var s Settings
	for _, one := range s.all() {
		text, ok := env[one.variable()]
		if !ok {
			continue
		}
		if l.text(&one, strictyaml.Position{File: one.variable()}, text, errs) {
			// Not viper's own look at the environment: it would take what is
			// there when it looks, we take what was there when we were asked.
			l.v.Set(viperKey(one.key), text)
		}
	}
}

func (l *layers) flags(flags *pflag.FlagSet, errs *strictyaml.Errors) {
	if flags == nil {
		return
	}
	var s Settings
	for _, one := range s.all() {
		f := flags.Lookup(one.flag())
		if f == nil || !f.Changed {
			continue
		}
		if l.text(&one, strictyaml.Position{File: "--" + f.Name}, f.Value.String(), errs) {
			l.v.Set(viperKey(one.key), f.Value.String())
		}
	}
}

// text checks a value given as text and notes its source. It reports whether
// viper is to take it.
func (l *layers) text(one *setting, at strictyaml.Position, text string, errs *strictyaml.Errors) bool {
	if err := one.setText(text); err != nil {
		errs.Add(at, "%v", err)
		return false
	}
	l.from.at[one.key] = at
	if one.isMap() {
		l.maps[one.key] = one.value.Interface()
		return false
	}
	return true
}

// merge returns the settings as the layers make them up.
func (l *layers) merge() (Settings, error) {
	var s Settings
	err := l.v.UnmarshalExact(&s, viper.DecodeHook(fromText), func(c *mapstructure.DecoderConfig) { c.TagName = "yaml" })
	if err != nil {
		return Settings{}, fmt.Errorf("merging the settings: %w", err)
	}
	for _, one := range s.all() {
		if m, ok := l.maps[one.key]; ok {
			one.value.Set(reflect.ValueOf(m))
		}
	}
	return s, nil
}

// fromText is viper's way from the text of a variable or flag to a value: ours.
func fromText(from, to reflect.Type, data any) (any, error) {
	text, ok := data.(string)
	if !ok || from == to {
		return data, nil
	}
	one := setting{value: reflect.New(to).Elem()}
	err := one.setText(text)
	return one.value.Interface(), err
}

// rebase makes the relative paths that stand in file relative to its folder.
func rebase(s *Settings, file string, from *sources) {
	dir := filepath.Dir(file)
	move := func(p string) string {
		if p == "" || filepath.IsAbs(p) {
			return p
		}
		return filepath.Join(dir, p)
	}
	for _, one := range s.all() {
		if from.at[one.key].Line == 0 {
			continue
		}
		switch v := one.value.Addr().Interface().(type) {
		case *string:
			if one.tag.Get("path") != "" {
				*v = move(*v)
			}
		case *[]EventSettings:
			moveEvents(*v, move)
		case *[]string:
			if one.tag.Get("path") != "" {
				for i := range *v {
					(*v)[i] = move((*v)[i])
				}
			}
		}
	}
}

// canonical writes hosts as they are compared: in lower case.
func canonical(s *Settings) {
	for i, host := range s.Proxy.Intercept {
		s.Proxy.Intercept[i] = strings.ToLower(host)
	}
	resolve := make(map[string]string, len(s.Proxy.Resolve))
	for host, addr := range s.Proxy.Resolve {
		resolve[strings.ToLower(host)] = addr
	}
	s.Proxy.Resolve = resolve
}
