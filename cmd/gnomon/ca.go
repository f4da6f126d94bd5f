package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/proxy/pki"
)

func newCACommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ca",
		Short: "Make and export the private certificate authority",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newCAInitCommand(), newCAExportCommand())
	return cmd
}

func newCAInitCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init",
		Short: "Make the CA in the state directory unless it is there already",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			settings, err := settingsOf(cmd)
			if err != nil {
				return err
			}
			if err := makeStateDir(settings.StateDir); err != nil {
				return err
			}
			ca, err := pki.LoadOrCreate(settings.StateDir)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s\nsubject      %s\nvalid until  %s\nSHA-256      %X\n",
				caFile(settings), ca.Certificate.Subject.CommonName, ca.Certificate.NotAfter.UTC().Format(time.DateOnly), sha256.Sum256(ca.Certificate.Raw))
			return err
		},
	}
}

func caFile(s Settings) string { return filepath.Join(s.StateDir, pki.CertificateFile) }

func newCAExportCommand() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Print the CA certificate (PEM), for the trust stores of clients",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			settings, err := settingsOf(cmd)
			if err != nil {
				return err
			}
			if _, err := pki.ReadCertificates(caFile(settings)); err != nil {
				return fmt.Errorf("%w (gnomon ca init makes the CA)", err)
			}
			pem, err := os.ReadFile(caFile(settings))
			if err != nil {
				return err
			}
			if out != "" {
				return writeOut(cmd.OutOrStdout(), out, pem, 0o644)
			}
			_, err = cmd.OutOrStdout().Write(pem)
			return err
		},
	}
	cmd.Flags().StringVarP(&out, "out", "o", "", "write to a file instead of standard output")
	return cmd
}
