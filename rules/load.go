package rules

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

//go:embed */*.yaml
var files embed.FS

// The embedded rules are parsed once: the files are part of the program.
var (
	embedded      = sync.OnceValue(func() *Set { return parse(folders) })
	embeddedHosts = sync.OnceValue(func() *Set { return parse(hostFolders) })
)

func parse(in []string) *Set {
	var errs Errors
	l := readLayer(files, "embedded", in, &errs)
	set := &Set{Services: l.services, Signals: l.signals, Detectors: l.detectors, Policies: l.policies, BlindSpots: l.blind,
		Frameworks: l.frameworks, Controls: l.controls, Methods: l.methods, Allow: l.allow}
	set.settleControls(nil, &errs)
	set.check(&errs)
	if len(errs) > 0 {
		panic("rules: the embedded rules are broken:\n" + errs.Error())
	}
	return set
}

// Embedded returns the rules that are part of the program. Callers must not
// change them.
func Embedded() *Set { return embedded() }

// Load returns the embedded rules with those of the folders overlays laid over
// them, each over those before it; "" means no overlay. An entry of an overlay
// replaces the one below it of the same name (services: of the same id), or removes
// it when it is disabled; policies of the uppermost overlay are tried first, in the
// order of their files' names. All rules are checked and their examples tried. On
// error, which is of type Errors, there is no Set.
func Load(overlays ...string) (*Set, error) { return whole(load(overlays, Embedded(), folders)) }

// LoadHosts is Load for who only tells hosts apart: the Set has services,
// signals and blind spots, which takes a third of the time.
func LoadHosts(overlays ...string) (*Set, error) {
	return whole(load(overlays, embeddedHosts(), hostFolders))
}

func whole(set *Set, errs, _ Errors) (*Set, error) {
	if err := errs.Err(); err != nil {
		return nil, err
	}
	return set, nil
}

// load lays over base what lies in some folders of the overlays.
func load(overlays []string, base *Set, in []string) (set *Set, errs, warnings Errors) {
	set = base
	removed := make(map[string]bool) // frameworks
	for _, overlay := range overlays {
		if overlay == "" {
			continue
		}
		if set = set.under(overlay, in, removed, &errs, &warnings); len(errs) > 0 {
			return nil, errs, nil
		}
	}
	if set == base {
		return base, nil, nil
	}
	set.settleControls(removed, &errs)
	set.check(&errs)
	return set, errs, warnings
}

// under returns s with an overlay laid over it, not yet checked as a whole.
func (s *Set) under(overlay string, in []string, removed map[string]bool, errs, warnings *Errors) *Set {
	dir, err := os.Stat(overlay)
	if err == nil && !dir.IsDir() {
		err = fmt.Errorf("%s is not a folder", overlay)
	}
	if err != nil {
		errs.Add(Position{File: overlay}, "reading the folder of rules (rules_dir): %v", reason(err))
		return nil
	}
	root := os.DirFS(overlay)
	over := readLayer(root, filepath.Clean(overlay), in, errs)
	for _, f := range over.frameworks {
		removed[f.ID] = f.Disabled
	}
	return &Set{
		Services:   merge(s.Services, over.services, serviceEntry, warnings),
		Signals:    merge(s.Signals, over.signals, signalEntry, warnings),
		Detectors:  merge(s.Detectors, over.detectors, detectorEntry, warnings),
		Policies:   before(over.policies, s.Policies, warnings),
		BlindSpots: merge(s.BlindSpots, over.blind, blindEntry, warnings),
		Allow:      merge(s.Allow, over.allow, allowEntry, warnings),
		own:        append(slices.Clip(s.own), ownNames(root)...),
		Frameworks: merge(s.Frameworks, over.frameworks, frameworkEntry, warnings),
		Controls:   merge(s.Controls, over.controls, controlEntry, warnings),
		Methods:    merge(s.Methods, over.methods, methodEntry, warnings),
	}
}

// reason strips a path error down to what went wrong: the position names the
// file already.
func reason(err error) error {
	if p, ok := err.(*fs.PathError); ok {
		return p.Err
	}
	return err
}

// entry is what all kinds of rules have in common.
type entry struct {
	key      string
	disabled bool
	bare     bool // nothing but a key and "disabled: true"
	source   Position
}

func serviceEntry(s *Service) entry {
	return entry{s.ID, s.Disabled, len(s.Hosts) == 0, s.Source}
}

func signalEntry(s *Signal) entry {
	return entry{s.Name, s.Disabled, len(s.Values) == 0, s.Source}
}

func detectorEntry(d *Detector) entry {
	return entry{d.Name, d.Disabled, d.Class == "", d.Source}
}

func policyEntry(p *Policy) entry {
	return entry{p.Name, p.Disabled, p.Action == "", p.Source}
}

// merge lays over over base: an entry takes the place of that with its key, new
// ones follow at the end, disabled ones are gone.
func merge[T any](base, over []T, of func(*T) entry, warnings *Errors) []T {
	out := slices.Clone(base)
	place := make(map[string]int, len(out))
	for i := range out {
		place[of(&out[i]).key] = i
	}
	for i := range over {
		e := of(&over[i])
		if at, ok := place[e.key]; ok {
			out[at] = over[i]
			continue
		}
		warnIdle(e, warnings)
		out = append(out, over[i])
	}
	return slices.DeleteFunc(out, func(t T) bool { return of(&t).disabled })
}

// before puts the policies of the overlay in front of the embedded ones that
// they don't replace.
func before(over, base []Policy, warnings *Errors) []Policy {
	replaced := make(map[string]bool)
	for i := range base {
		replaced[base[i].Name] = false
	}
	out := make([]Policy, 0, len(over)+len(base))
	for i := range over {
		p := &over[i]
		if _, ok := replaced[p.Name]; ok {
			replaced[p.Name] = true
		} else {
			warnIdle(policyEntry(p), warnings)
		}
		if !p.Disabled {
			out = append(out, *p)
		}
	}
	for i := range base {
		if !replaced[base[i].Name] {
			out = append(out, base[i])
		}
	}
	return out
}

// warnIdle tells of an entry that only removes another one, which isn't there.
func warnIdle(e entry, warnings *Errors) {
	if e.disabled && e.bare {
		warnings.Add(e.source, "there is no %q to disable", e.key)
	}
}
