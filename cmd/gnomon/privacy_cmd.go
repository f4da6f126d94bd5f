package main

import "github.com/spf13/cobra"

func newPrivacyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "privacy",
		Short: "Pseudonyms, names revealed by two, retention, erasure, the data sheet",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newRevealCommand(), newAllowRevealCommand(), newRefuseRevealCommand(), newShowRevealCommand(), newRevealsCommand(), newEraseCommand(), newRotateCommand(), newDeletionsCommand(), newSheetCommand())
	return cmd
}
