package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/dlp/document"
	"github.com/gnomon-proxy/gnomon/traffic"
)

type edmOptions struct {
	in, out, name string
	columns       []string
	supporting    int
}

func newEDMCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "edm",
		Short: "Find records of your own tables (exact data match)",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var o edmOptions
	build := &cobra.Command{
		Use:   "build --in FILE.csv --columns PRIMARY,OTHER... [--supporting N] [--out DIR]",
		Short: "Make hashes of a table of customers, staff or the like",
		Long: `Make keyed hashes of a CSV file with a line of column names. A cell of the first
column named is found in a prompt when at least N cells of the other columns of
the same record stand within 300 bytes. The file that is written holds no text,
and finds nothing without the key in the state directory.`,
		Example: "  gnomon rules edm build --in customers.csv --columns name,number,birthday --supporting 1",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			settings, err := settingsOf(cmd)
			if err != nil {
				return err
			}
			if o.in == "" || len(o.columns) == 0 {
				return &exitError{exitUsage, errors.New("name a file with --in and its columns with --columns, the primary one first")}
			}
			out, err := ownFolderOf(settings, o.out, edmFolder)
			if err != nil {
				return err
			}
			key, err := loadHashKey(settings.StateDir)
			if err != nil {
				return err
			}
			return o.build(cmd.OutOrStdout(), out, key)
		},
	}
	build.Flags().StringVar(&o.in, "in", "", "CSV file with a line of column names")
	build.Flags().StringSliceVar(&o.columns, "columns", nil, "columns to match, the primary one first")
	build.Flags().IntVar(&o.supporting, "supporting", 1, "cells of other columns that must stand near it")
	build.Flags().StringVar(&o.name, "name", "", "name of the findings (default: that of the file)")
	build.Flags().StringVar(&o.out, "out", "", "folder to write to (default: edm in rules_dir)")
	cmd.AddCommand(build)
	return cmd
}

// ownFolderOf returns the folder that hashes are written to, and makes it.
func ownFolderOf(s Settings, out, folder string) (string, error) {
	if out == "" {
		if s.RulesDir == "" {
			return "", &exitError{exitUsage, errors.New("name a folder with --out, or set rules_dir: nothing is read from elsewhere")}
		}
		out = filepath.Join(s.RulesDir, folder)
	}
	if err := os.MkdirAll(s.StateDir, 0o700); err != nil { // holds the key
		return "", err
	}
	return out, os.MkdirAll(out, 0o750)
}

func (o *edmOptions) build(stdout io.Writer, out string, key traffic.Key) error {
	in, err := os.Open(o.in)
	if err != nil {
		return err
	}
	defer in.Close()
	if o.name == "" {
		o.name = strings.TrimSuffix(filepath.Base(o.in), filepath.Ext(o.in))
	}
	if strings.ContainsAny(o.name, "\n/\\") {
		return &exitError{exitUsage, fmt.Errorf("--name %q: no slashes and line breaks", o.name)}
	}
	rows := csv.NewReader(in)
	rows.ReuseRecord = true
	head, err := rows.Read()
	if err != nil {
		return fmt.Errorf("reading %s: %w", o.in, err)
	}
	var places []int
	for _, c := range o.columns {
		i := slices.IndexFunc(head, func(h string) bool { return strings.EqualFold(strings.TrimSpace(strings.TrimPrefix(h, "\ufeff")), c) })
		if i < 0 {
			return &exitError{exitUsage, fmt.Errorf("%s has no column %q", o.in, c)}
		}
		places = append(places, i)
	}
	b, err := dlp.NewEDM(o.name, o.columns, min(o.supporting, len(o.columns)-1), key)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	cells := make([]string, len(places))
	for {
		row, err := rows.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", o.in, err) // names the line, not what it holds
		}
		for k, i := range places {
			cells[k] = row[i]
		}
		if err := b.Add(cells); err != nil {
			return err
		}
	}
	e, records, skipped := b.Build()
	var file bytes.Buffer
	file.Grow(e.Size())
	if err := e.Write(&file); err != nil {
		return err
	}
	path := filepath.Join(out, o.name+".edm")
	if err := writeFile(path, file.Bytes(), 0o600); err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%s: %s, %s, %d left out as too short or too long\n", path, amount(records, "record"), amount(e.Cells(), "cell"), skipped)
	return err
}

func newFingerprintCommand() *cobra.Command {
	var out, name string
	cmd := &cobra.Command{
		Use:   "fingerprint FILE... [--out DIR]",
		Short: "Recognise passages of protected documents",
		Long: `Make keyed hashes of documents (text, office files, PDF, mail, ...). A prompt that
shares a passage with one of them is found, however it is formatted. What more
than three of the documents share counts as boilerplate.`,
		Example: "  gnomon rules fingerprint plans/*.docx contract.pdf",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			settings, err := settingsOf(cmd)
			if err != nil {
				return err
			}
			folder, err := ownFolderOf(settings, out, ownFolder)
			if err != nil {
				return err
			}
			key, err := loadHashKey(settings.StateDir)
			if err != nil {
				return err
			}
			return fingerprint(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), filepath.Join(folder, name+".fp"), args, key)
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "folder to write to (default: fingerprints in rules_dir)")
	cmd.Flags().StringVar(&name, "name", "documents", "name of the file that is written; it is replaced")
	return cmd
}

func fingerprint(ctx context.Context, stdout, stderr io.Writer, path string, files []string, key traffic.Key) error {
	var names []string
	var texts [][]byte
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		text := document.Read(ctx, data, document.Options{})
		printGaps(stderr, name, text.Gaps)
		names = append(names, strings.Map(func(r rune) rune {
			if r == '\n' {
				return ' '
			}
			return r
		}, filepath.Base(name)))
		texts = append(texts, text.Bytes)
	}
	f := dlp.NewFingerprints(names, texts, key)
	var file bytes.Buffer
	if err := f.Write(&file); err != nil {
		return err
	}
	if err := writeFile(path, file.Bytes(), 0o600); err != nil {
		return err
	}
	for _, d := range f.Documents {
		note := ""
		if d.Marks == 0 {
			note = ": too short, or like more than three others; it is not recognised"
		}
		if _, err := fmt.Fprintf(stdout, "%s: %d hashes%s\n", d.Name, d.Marks, note); err != nil {
			return err
		}
	}
	return nil
}
