package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/rules"
)

// Lengths of the ordinary text that detectors are measured on.
const (
	costText = 16 << 10
	dearText = 32 << 10
)

type costJSON struct {
	Detector string  `json:"detector"`
	NsByte   float64 `json:"ns_byte"`
	Work     float64 `json:"steps_byte"`
	Source   string  `json:"source"`
}

func newRulesCostCommand() *cobra.Command {
	var asJSON bool
	var most int
	cmd := &cobra.Command{
		Use:   "cost [DIR]",
		Short: "Measure what each detector costs on ordinary text",
		Long: `Measure what each detector costs on ordinary text (prose, code, JSON, logs),
beyond the reading that all share: nanoseconds a byte on this machine as it is
now, and steps a byte, which are the same everywhere and by which they are sorted. Detectors of an overlay
that take more than 2 steps a byte are refused when the rules are loaded.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dirs, err := overlaysOf(cmd, args)
			if err != nil {
				return err
			}
			detectors, err := loadDetectors(dirs)
			if err != nil {
				return err
			}
			costs, err := dlp.Costs(detectors, dlp.Ordinary(costText))
			if err != nil {
				return &configError{err}
			}
			if most > 0 {
				costs = costs[:min(most, len(costs))]
			}
			return printCosts(cmd.OutOrStdout(), costs, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, one object a line")
	cmd.Flags().IntVar(&most, "top", 20, "how many, the dearest first; 0: all")
	return cmd
}

func printCosts(w io.Writer, costs []dlp.Cost, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(w)
		for _, c := range costs {
			if err := enc.Encode(costJSON{c.Detector, c.NsByte, c.Work, c.Source.String()}); err != nil {
				return err
			}
		}
		return nil
	}
	t := newColumns(w)
	fmt.Fprintln(t, "DETECTOR\tNS/BYTE\tSTEPS/BYTE\tWHERE")
	for _, c := range costs {
		fmt.Fprintf(t, "%s\t%.3f\t%.3f\t%s\n", c.Detector, c.NsByte, c.Work, c.Source)
	}
	return t.Flush()
}

// refuseDear refuses detectors of an overlay that would slow down every request.
// The embedded ones are held to the same by a test.
func refuseDear(detectors []rules.Detector) error {
	var own []rules.Detector
	for i := range detectors {
		if !strings.HasPrefix(detectors[i].Source.File, "embedded") {
			own = append(own, detectors[i])
		}
	}
	dear, err := dlp.Dear(own, dlp.Ordinary(dearText))
	if err != nil {
		return err
	}
	var lines []string
	for _, c := range dear {
		lines = append(lines, fmt.Sprintf("%s: detector %s is too slow: %.1f steps for each byte of ordinary text, 2 are allowed; give it a rarer keyword or a shorter pattern (gnomon rules cost)", c.Source, c.Detector, c.Work))
	}
	if len(lines) > 0 {
		return fmt.Errorf("%s", strings.Join(lines, "\n"))
	}
	return nil
}
