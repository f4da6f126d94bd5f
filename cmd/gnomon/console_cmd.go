package main

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/inventory/console"
)

func newConsoleCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "console",
		Short: "Print a new link to the console of the running gateway",
		Long:  "Print a link that logs you into the console of the gateway that runs on this\nstate directory. It works once, for 15 minutes.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			settings, err := settingsOf(cmd)
			if err != nil {
				return err
			}
			client, err := console.Dial(cmd.Context(), filepath.Join(settings.StateDir, socketFile))
			if errors.Is(err, console.ErrNoGateway) {
				return fmt.Errorf("%w: start it with gnomon run", err)
			}
			if err != nil {
				return err
			}
			defer client.Close()
			link, err := client.Link(cmd.Context())
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), reachableLink(link))
			return err
		},
	}
}
