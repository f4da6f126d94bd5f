package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/gnomon-proxy/gnomon/internal/strictyaml"
	"github.com/gnomon-proxy/gnomon/inventory/console"
	"github.com/gnomon-proxy/gnomon/proxy/pki"
	"github.com/gnomon-proxy/gnomon/sniffer/leases"
)

// doubt is what is wrong with a file, folder or command that a setting names.
type doubt struct {
	key   string
	sub   []any // the element of a list
	err   error
	later bool // it may well come to be while the gateway runs
}

// text says which setting it is about.
func (d *doubt) text() string { return fmt.Sprintf("%s: %v", d.key, d.err) }

// checkFiles notes what a start would refuse in the files that the settings
// name, by reading them as it would, and what would not work. Doubts of which
// time may be the cure are returned.
func checkFiles(s *Settings, from *sources, errs *strictyaml.Errors) (later []string) {
	for _, d := range append(refusals(s), doubts(s)...) {
		if at := from.of(d.key, d.sub...); d.later {
			later = append(later, at.String()+": "+d.text())
		} else {
			errs.Add(at, "%s", d.text())
		}
	}
	return later
}

// refusals are those for which the gateway does not start.
func refusals(s *Settings) (all []doubt) {
	note := func(key string, err error, sub ...any) {
		if err != nil {
			all = append(all, doubt{key: key, sub: sub, err: err})
		}
	}
	if s.Proxy.AuthFile != "" {
		_, err := readAuthFile(s.Proxy.AuthFile)
		note("proxy.auth_file", err)
	}
	for i, file := range s.Proxy.UpstreamCAFiles {
		_, err := pki.ReadCertificates(file)
		note("proxy.upstream_ca_files", err, i)
	}
	for i, file := range s.Users.Leases {
		_, err := leases.Open([]string{file}, leases.Options{})
		note("users.leases", err, i)
	}
	if key, _, _, err := s.Sniffer.syslogConfig(slog.New(slog.DiscardHandler)); err != nil {
		note(key, err)
	}
	for i := range s.Events {
		if file := s.Events[i].CAFile; file != "" {
			_, err := pki.ReadCertificates(file)
			note("events", err, i, "ca_file")
		}
	}
	if err := s.Console.on(new(console.Config)); err != nil {
		note("console.oidc.issuer", err)
	}
	return all
}

// doubts are those with which the gateway starts, and does not do what it is
// meant to.
func doubts(s *Settings) (all []doubt) {
	note := func(key string, later bool, err error, sub ...any) {
		if err != nil {
			all = append(all, doubt{key: key, sub: sub, err: err, later: later})
		}
	}
	if command := s.DLP.OCRCommand; len(command) > 0 {
		if _, err := exec.LookPath(command[0]); err != nil {
			note("dlp.ocr_command", false, fmt.Errorf("no image can be read: %w", err), 0)
		}
	}
	for i, file := range s.Sniffer.Logs {
		f, err := os.Open(file)
		if err == nil {
			err = f.Close()
		} else {
			err = fmt.Errorf("it is followed as soon as it can be read: %w", err)
		}
		note("sniffer.logs", true, err, i)
	}
	for i := range s.Events {
		cfg := s.Events[i].config()
		note("events", false, cfg.CheckToken(), i, "token_file")
		note("events", false, checkFolder(cfg.To), i, "to")
	}
	return all
}

// checkFolder looks for the folder into which a stream writes files.
func checkFolder(to string) error {
	path, isFile := strings.CutPrefix(to, "file://")
	if !isFile {
		return nil
	}
	if u, err := url.Parse(to); err == nil {
		path = u.Path
	}
	info, err := os.Stat(filepath.Dir(path))
	if err == nil && !info.IsDir() {
		err = errors.New("it is no folder")
	}
	if err != nil {
		return fmt.Errorf("to: nothing can be written into %s: %w", filepath.Dir(path), err)
	}
	return nil
}

// warnOfDoubts says what will not work although the gateway starts.
func warnOfDoubts(s *Settings, log *slog.Logger) {
	for _, d := range doubts(s) {
		log.Warn("a setting names what is not there or not fit for use", "setting", d.key, "error", d.err)
	}
}
