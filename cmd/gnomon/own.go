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

// ownFiles returns the files of hashes in an overlay.
func ownFiles(rulesDir string) (tables, prints []string, err error) {
	if rulesDir == "" {
		return nil, nil, nil
	}
	tables, err = filepath.Glob(filepath.Join(rulesDir, edmFolder, "*.edm"))
	if err != nil {
		return nil, nil, err
	}
	prints, err = filepath.Glob(filepath.Join(rulesDir, ownFolder, "*.fp"))
	return tables, prints, err
}

// loadOwn adds the tables and fingerprints of an overlay to o.
func loadOwn(o *dlp.Options, rulesDir string, key traffic.Key) error {
	tables, prints, err := ownFiles(rulesDir)
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

// scanKey returns the key for commands that keep nothing: that of the deployment
// where the overlay has hashes under it, else one that nobody knows.
func scanKey(s Settings) (traffic.Key, error) {
	tables, prints, err := ownFiles(s.RulesDir)
	if err != nil {
		return traffic.Key{}, err
	}
	allow, err := filepath.Glob(filepath.Join(s.RulesDir, "allow", "*"))
	if err != nil || s.RulesDir == "" || len(tables)+len(prints)+len(allow) == 0 {
		return passingKey(), err
	}
	if _, err := os.Stat(filepath.Join(s.StateDir, hashKeyFile)); errors.Is(err, fs.ErrNotExist) {
		if len(tables)+len(prints) == 0 {
			return passingKey(), nil // nobody can have seen a fingerprint yet
		}
		return traffic.Key{}, fmt.Errorf("%s has hashes of your data, but %s holds no key to match them with: name the state directory that they were built with", s.RulesDir, s.StateDir)
	}
	return loadHashKey(s.StateDir)
}
