package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/internal/visible"
	"github.com/gnomon-proxy/gnomon/inventory"
)

func newBlindCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "blind",
		Short: "List what hid traffic from the sensors: resolvers behind TLS, VPNs, relays",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withRegister(cmd, func(ctx context.Context, r decisions) error {
				spots, err := r.BlindSpots(ctx)
				if err != nil {
					return err
				}
				if !asJSON {
					return printBlind(cmd.OutOrStdout(), spots)
				}
				enc := json.NewEncoder(visible.JSONWriter(cmd.OutOrStdout()))
				for i := range spots {
					if err := enc.Encode(&spots[i]); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return cmd
}

func printBlind(w io.Writer, spots []inventory.BlindSpot) error {
	if len(spots) == 0 {
		_, err := fmt.Fprintln(w, "Nothing is known to have hidden from the sensors. Only captures, logs and live sniffing show it.")
		return err
	}
	t := newColumns(w)
	fmt.Fprintln(t, "REASON\tNAME\tCLIENTS\tFLOWS\tFIRST SEEN\tLAST SEEN")
	for _, s := range spots {
		fmt.Fprintf(t, "%s\t%s\t%d\t%d\t%s\t%s\n", printable(s.Reason), cmp.Or(printable(s.Name), "-"), s.Clients, s.Flows,
			s.FirstSeen.UTC().Format("2006-01-02 15:04"), s.LastSeen.UTC().Format("2006-01-02 15:04"))
	}
	return t.Flush()
}
