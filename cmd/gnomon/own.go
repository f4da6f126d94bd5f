package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// Folders of rules_dir that hold hashes of the organisation's own data.
const (
	edmFolder = "edm"          // *.edm, made by `rules edm build`
	ownFolder = "fingerprints" // *.fp, made by `rules fingerprint`
)

// ownFiles returns the files of hashes in overlays. A file does not take the place
// of one below it: both are looked for.
func ownFiles(overlays []string) (tables, prints []string, err error) {
	for _, dir := range overlays {
		if dir == "" {
			continue
		}
		some, err := filepath.Glob(filepath.Join(dir, edmFolder, "*.edm"))
		if err != nil {
			return nil, nil, err
		}
		more, err := filepath.Glob(filepath.Join(dir, ownFolder, "*.fp"))
		if err != nil {
			return nil, nil, err
		}
		tables, prints = append(tables, some...), append(prints, more...)
	}
	return tables, prints, nil
}

// loadOwn adds the tables and fingerprints of overlays to o.
func loadOwn(o *dlp.Options, overlays []string, key traffic.Key) error {
	tables, prints, err := ownFiles(overlays)
	if err != nil {
		return err
	}
	for _, name := range tables {
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		e, err := dlp.ReadEDM(data, key)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		o.EDM = append(o.EDM, e)
	}
	for _, name := range prints {
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		f, err := dlp.ReadFingerprints(data, key)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		o.Fingerprints = append(o.Fingerprints, f)
	}
	return nil
}

// scanKey returns the key for commands that keep nothing: that of the deployment,
// if it can be read, so that fingerprints are those of the gateway (kept), else one
// that nobody knows. That is an error where the overlay names values by hashes.
func scanKey(s Settings) (key traffic.Key, kept bool, err error) {
	dirs := s.overlays()
	tables, prints, err := ownFiles(dirs)
	if err != nil {
		return traffic.Key{}, false, err
	}
	own := len(tables)+len(prints) > 0
	if _, err := os.Stat(filepath.Join(s.StateDir, hashKeyFile)); errors.Is(err, fs.ErrNotExist) {
		if !own {
			return passingKey(), false, nil // nobody can have seen a fingerprint yet
		}
		return traffic.Key{}, false, fmt.Errorf("%s has hashes of your data, but %s holds no key to match them with: name the state directory that they were built with", s.RulesDir, s.StateDir)
	}
	key, err = loadHashKey(s.StateDir)
	if err == nil {
		return key, true, nil
	}
	lists, globbing := allowFiles(dirs)
	if own || lists > 0 || globbing != nil {
		return traffic.Key{}, false, errors.Join(err, globbing)
	}
	return passingKey(), false, nil
}

// allowFiles counts the files of allow-lists in overlays: they may name values by
// fingerprint.
func allowFiles(overlays []string) (n int, err error) {
	for _, dir := range overlays {
		if dir == "" {
			continue
		}
		list, err := filepath.Glob(filepath.Join(dir, "allow", "*"))
		if err != nil {
			return 0, err
		}
		n += len(list)
	}
	return n, nil
}
