package rules

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/gnomon-proxy/gnomon/internal/strictyaml"
)

// layer is the content of one folder of rules, entries in the order of the
// files' names.
type layer struct {
	services  []Service
	signals   []Signal
	detectors []Detector
	policies  []Policy
	blind     []BlindSpot
	allow     []Allow

	frameworks []Framework
	controls   []Control
	methods    []RiskMethod

	errs Errors
}

// folders are the kinds of rules; a file in one of them has the one top-level
// key of the same name (one in controls also frameworks and methods).
var folders = []string{"services", "signals", "detectors", "policies", "blindspots", "controls", "allow"}

// Folders returns the kinds of rules: the names of the folders that they lie in.
func Folders() []string { return slices.Clone(folders) }

// hostFolders are those that tell hosts apart.
var hostFolders = []string{"services", "signals", "blindspots"}

// readLayer reads the rule files of root that lie in the given folders, which
// errors call name.
func readLayer(root fs.FS, name string, in []string, errs *Errors) *layer {
	paths := slices.DeleteFunc(list(root, name, errs), func(p string) bool { return !slices.Contains(in, path.Dir(p)) })
	parts := make([]layer, len(paths))
	var wg sync.WaitGroup
	for i, p := range paths {
		wg.Go(func() { parts[i].read(root, p, filepath.Join(name, filepath.FromSlash(p))) })
	}
	wg.Wait()
	all := new(layer)
	for i := range parts {
		p := &parts[i]
		all.services = append(all.services, p.services...)
		all.signals = append(all.signals, p.signals...)
		all.detectors = append(all.detectors, p.detectors...)
		all.policies = append(all.policies, p.policies...)
		all.blind = append(all.blind, p.blind...)
		all.allow = append(all.allow, p.allow...)
		all.frameworks = append(all.frameworks, p.frameworks...)
		all.controls = append(all.controls, p.controls...)
		all.methods = append(all.methods, p.methods...)
		*errs = append(*errs, p.errs...)
	}
	unique(all.services, serviceEntry, "service", errs)
	unique(all.signals, signalEntry, "signal", errs)
	unique(all.detectors, detectorEntry, "detector", errs)
	unique(all.policies, policyEntry, "policy", errs)
	unique(all.blind, blindEntry, "blind spot", errs)
	unique(all.allow, allowEntry, "allow-list", errs)
	unique(all.frameworks, frameworkEntry, "framework", errs)
	unique(all.controls, controlEntry, "control", errs)
	unique(all.methods, methodEntry, "method", errs)
	return all
}

// list returns the paths of the rule files of root. YAML that no rule is read
// from is a mistake: it would be silently without effect.
func list(root fs.FS, name string, errs *Errors) (paths []string) {
	top, err := fs.ReadDir(root, ".")
	if err != nil {
		errs.Add(Position{File: name}, "reading the folder of rules: %v", reason(err))
	}
	for _, d := range top {
		at := Position{File: filepath.Join(name, d.Name())}
		known := slices.Contains(folders, d.Name())
		switch {
		case strings.HasPrefix(d.Name(), "."):
		case isYAML(d.Name()):
			errs.Add(at, "rule files belong into a sub-folder: %s", strings.Join(folders, ", "))
		default:
			in, err := fs.ReadDir(root, d.Name())
			if err != nil && known {
				errs.Add(at, "reading the folder of rules: %v", reason(err))
			}
			for _, f := range in {
				if strings.HasPrefix(f.Name(), ".") || !isYAML(f.Name()) {
					continue
				}
				if !known {
					errs.Add(at, "unknown folder of rules %q%s", d.Name(), strictyaml.DidYouMean(d.Name(), folders))
					break
				}
				paths = append(paths, path.Join(d.Name(), f.Name()))
			}
		}
	}
	return paths
}

func isYAML(name string) bool {
	ext := path.Ext(name)
	return ext == ".yaml" || ext == ".yml"
}

// read reads one file into l.
func (l *layer) read(root fs.FS, file, name string) {
	data, err := readFile(root, file)
	if err != nil {
		l.errs.Add(Position{File: name}, "reading the file: %v", reason(err))
		return
	}
	switch folder := path.Dir(file); folder {
	case "services":
		var f struct {
			Services []Service `yaml:"services"`
		}
		l.services = decode(l, name, data, &f, folder, &f.Services, checkService)
	case "signals":
		var f struct {
			Signals []Signal `yaml:"signals"`
		}
		l.signals = decode(l, name, data, &f, folder, &f.Signals, checkSignal)
	case "detectors":
		var f struct {
			Detectors []Detector `yaml:"detectors"`
		}
		l.detectors = decode(l, name, data, &f, folder, &f.Detectors, checkDetector)
	case "blindspots":
		var f struct {
			BlindSpots []BlindSpot `yaml:"blindspots"`
		}
		l.blind = decode(l, name, data, &f, folder, &f.BlindSpots, checkBlindSpot)
	case "controls":
		l.readControls(name, data)
	case "allow":
		var f struct {
			Allow []Allow `yaml:"allow"`
		}
		l.allow = decode(l, name, data, &f, folder, &f.Allow, checkAllow)
	case "policies":
		var f struct {
			Policies []Policy `yaml:"policies"`
		}
		l.policies = decode(l, name, data, &f, folder, &f.Policies, func(p *Policy, at locate, errs *Errors) {
			p.at = at
			if p.Disabled && p.Action == "" {
				required(p.Name, "name", at, errs)
				return
			}
			r := compile(p, errs)
			if len(*errs) == 0 {
				checkExamples(r, errs)
			}
		})
	}
}

// decode decodes a file and checks each of its entries.
func decode[T any](l *layer, name string, data []byte, into any, key string, items *[]T, check func(*T, locate, *Errors)) []T {
	doc, err := strictyaml.Decode(name, data, into)
	if err != nil {
		l.errs.Join(name, err) // half-filled entries would only raise more errors
		return nil
	}
	return each(doc, key, *items, check, &l.errs)
}

// each checks the entries under a key of a file.
func each[T any](doc *strictyaml.Document, key string, items []T, check func(*T, locate, *Errors), errs *Errors) []T {
	for i := range items {
		check(&items[i], func(path ...any) Position {
			at, _ := doc.At(append([]any{key, i}, path...)...)
			return at
		}, errs)
	}
	return items
}

// readFile reads a regular file up to the size that a rule file may have, and
// one byte more, so that the parser sees that it is too large.
func readFile(root fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(root, name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, strictyaml.MaxFile+1))
	if err != nil {
		return nil, fmt.Errorf("%w", reason(err))
	}
	return data, nil
}

// unique notes entries of one layer that have the same key: which of them is
// meant can't be told.
func unique[T any](items []T, of func(*T) entry, what string, errs *Errors) {
	first := make(map[string]Position, len(items))
	for i := range items {
		e := of(&items[i])
		if at, twice := first[e.key]; twice && e.key != "" {
			errs.Add(e.source, "duplicate %s %q, first at %s", what, e.key, at)
			continue
		}
		first[e.key] = e.source
	}
}
