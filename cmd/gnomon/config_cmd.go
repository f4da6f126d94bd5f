package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/internal/strictyaml"
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
			for _, text := range checkFiles(&s, from, &errs) {
				fmt.Fprintln(cmd.ErrOrStderr(), "warning:", text)
			}
			if len(errs) > 0 {
				return &configError{errs}
			}
			if _, err := loadKnowledge(s.overlays(), passingKey()); err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), "ok")
			return err
		},
	}
	addSettingsFlags(cmd.Flags())
	return cmd
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
