package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/internal/strictyaml"
	"github.com/gnomon-proxy/gnomon/rules"
)

func newConfigCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Check, show and describe the settings",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newConfigCheckCommand(), newConfigShowCommand(), newConfigSchemaCommand())
	return cmd
}

// resolveFor returns the settings as cmd would get them from the file in args
// or --config, the environment and the flags.
func resolveFor(cmd *cobra.Command, args []string) (Settings, *sources, error) {
	file := ""
	if f := cmd.Flags().Lookup("config"); f != nil {
		file = f.Value.String()
	}
	if len(args) > 0 {
		file = args[0]
	}
	return resolveSettings(file, cmd.Flags(), os.Environ())
}

func newConfigCheckCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check [FILE]",
		Short: "Validate the settings, the files that they name and the rules",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, from, err := resolveFor(cmd, args)
			if err != nil {
				return err
			}
			var errs strictyaml.Errors
			checkFiles(&s, from, &errs)
			if len(errs) > 0 {
				return &configError{errs}
			}
			if _, err := rules.Load(s.RulesDir); err != nil {
				return &configError{err}
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), "ok")
			return err
		},
	}
	addSettingsFlags(cmd.Flags())
	return cmd
}

// checkFiles notes files named in the settings that can't be read.
func checkFiles(s *Settings, from *sources, errs *strictyaml.Errors) {
	check := func(key, file string, sub ...any) {
		if file == "" {
			return
		}
		f, err := os.Open(file)
		if err != nil {
			errs.Add(from.of(key, sub...), "%s: %v", key, err)
			return
		}
		f.Close()
	}
	check("proxy.auth_file", s.Proxy.AuthFile)
	for key, files := range map[string][]string{"proxy.upstream_ca_files": s.Proxy.UpstreamCAFiles, "users.leases": s.Users.Leases} {
		for i, file := range files {
			check(key, file, i)
		}
	}
}

func newConfigShowCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show [FILE]",
		Short: "Print the settings in effect, and where each comes from",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, from, err := resolveFor(cmd, args)
			if err != nil {
				return err
			}
			if asJSON {
				return showJSON(cmd.OutOrStdout(), &s, from)
			}
			return showYAML(cmd.OutOrStdout(), &s, from)
		},
	}
	addSettingsFlags(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a setting: key, value, source")
	return cmd
}

func newConfigSchemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of the settings file",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			enc := json.NewEncoder(cmd.OutOrStdout())
			enc.SetEscapeHTML(false)
			enc.SetIndent("", "  ")
			return enc.Encode(settingsSchema())
		},
	}
}

// name returns the source of a setting as people read it.
func (s *sources) name(key string) string {
	if at, ok := s.at[key]; ok {
		return at.String()
	}
	return "default"
}

func showJSON(w io.Writer, s *Settings, from *sources) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, one := range s.all() {
		line := struct {
			Key    string `json:"key"`
			Value  any    `json:"value"`
			Source string `json:"source"`
		}{one.key, one.shown(), from.name(one.key)}
		if err := enc.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

// showYAML prints s so that loading it gives the same settings, passwords
// apart.
func showYAML(w io.Writer, s *Settings, from *sources) error {
	var b bytes.Buffer
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	section := ""
	for _, one := range s.all() {
		name := one.key
		if head, key, nested := strings.Cut(one.key, "."); nested {
			if head != section {
				section = head
				fmt.Fprintf(t, "%s:\n", head)
			}
			name = "  " + key
		}
		fmt.Fprintf(t, "%s: %s\t# %s\n", name, flowYAML(one.shown()), from.name(one.key))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

// shown is plain without passwords.
func (s *setting) shown() any {
	if s.key == "inventory.store" {
		return withoutPassword(s.value.String())
	}
	return s.plain()
}

// withoutPassword blots out the password of a URL.
func withoutPassword(store string) string {
	scheme, rest, ok := strings.Cut(store, "://")
	if !ok {
		return store
	}
	u, err := url.Parse(store)
	if err == nil {
		return u.Redacted()
	}
	_, host, _ := cutLast(rest, "@") // lists of hosts are no URLs to net/url
	return scheme + "://" + host
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return "", s, false
}

// flowYAML writes a value as YAML on one line. JSON is YAML; plain words go without
// quotation marks.
func flowYAML(v any) string {
	switch v := v.(type) {
	case string:
		if isWord(v) {
			return v
		}
	case map[string]string:
		parts := make([]string, 0, len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, flowYAML(k)+": "+flowYAML(v[k]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	if r := reflect.ValueOf(v); r.Kind() == reflect.Slice {
		parts := make([]string, r.Len())
		for i := range parts {
			parts[i] = flowYAML(r.Index(i).Interface())
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "null" // no setting is of a kind that JSON can't write
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// isWord reports whether YAML reads s as the text that it is without quotation
// marks.
func isWord(s string) bool {
	if s == "" || s == "true" || s == "false" || s == "null" {
		return false
	}
	letter := false
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '/':
			letter = true
		case '0' <= c && c <= '9' || c == '_' || c == '.' || i > 0 && c == '-':
		default:
			return false
		}
	}
	return letter
}
