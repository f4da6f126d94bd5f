package main

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/inventory/export"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// blockListOptions are the flags of `gnomon inventory blocklist`.
type blockListOptions struct {
	format    string
	statuses  []string
	unused    bool
	websites  bool
	resolve   bool
	otherwise string
	out       string
}

func newBlockListCommand() *cobra.Command {
	o := blockListOptions{}
	cmd := &cobra.Command{
		Use:   "blocklist",
		Short: "Write the services that are not allowed as a block list for another gateway",
		Long: `Write the hosts of services as a block list: for resolvers (hosts, rpz,
adguard), proxies (squid, pac) or a packet filter (nftables). Hosts that an
allowed service has inside a blocked domain are let through. Hosts of which
only a part is AI are left out; comments in the list say which.`,
		Example: `  gnomon inventory blocklist --format rpz -o ai.rpz
  gnomon inventory blocklist --format squid --status refused,unreviewed
  gnomon inventory blocklist --format adguard --status unreviewed --unused`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.format, "format", "", "form of the list: "+strings.Join(export.BlockFormats(), ", "))
	flags.StringSliceVar(&o.statuses, "status", []string{string(traffic.StatusRefused)}, "services of these statuses")
	flags.BoolVar(&o.unused, "unused", false, "also services of the catalogue that nobody has used: they are unreviewed")
	flags.BoolVar(&o.websites, "websites", false, "also mere web sites of tools, and broad hosts")
	flags.BoolVar(&o.resolve, "resolve", false, "nftables: look up the addresses of the hosts now")
	flags.StringVar(&o.otherwise, "otherwise", "DIRECT", "pac: what other hosts get, such as \"PROXY proxy.example:8080\"")
	flags.StringVarP(&o.out, "out", "o", "", "write to a file")
	return cmd
}

func (o *blockListOptions) run(cmd *cobra.Command) error {
	if !slices.Contains(export.BlockFormats(), o.format) {
		return &exitError{exitUsage, fmt.Errorf("--format %q is none of %s", o.format, strings.Join(export.BlockFormats(), ", "))}
	}
	for _, s := range o.statuses {
		if !slices.Contains(traffic.Statuses(), traffic.Status(s)) {
			return &exitError{exitUsage, fmt.Errorf("--status %q is none of %v", s, traffic.Statuses())}
		}
	}
	if o.resolve && o.format != "nftables" {
		return &exitError{exitUsage, fmt.Errorf("--resolve is for --format nftables")}
	}
	settings, err := settingsOf(cmd)
	if err != nil {
		return err
	}
	set, err := rules.Load(settings.overlays()...)
	if err != nil {
		return &configError{err}
	}
	return withRegister(cmd, func(ctx context.Context, r decisions) error {
		blocked, err := o.choose(ctx, r, set.Services)
		if err != nil {
			return err
		}
		list := export.NewBlockList(set.Services, blocked, o.websites)
		list.Source, list.Made, list.Otherwise = "gnomon "+version, time.Now(), o.otherwise
		if o.resolve {
			list.Addresses = lookUp(ctx, list.Hosts())
		}
		if o.out == "" {
			return list.Write(cmd.OutOrStdout(), o.format)
		}
		var b strings.Builder
		if err := list.Write(&b, o.format); err != nil {
			return err
		}
		return writeOut(cmd.OutOrStdout(), o.out, []byte(b.String()), 0o644)
	})
}

// choose returns the ids of the services to block.
func (o *blockListOptions) choose(ctx context.Context, r decisions, catalogue []rules.Service) (map[string]bool, error) {
	rows, err := r.Services(ctx)
	if err != nil {
		return nil, err
	}
	return export.Blocked(rows, catalogue, o.statuses, o.unused), nil
}

const (
	lookUpsAtOnce = 16
	lookUpWithin  = 5 * time.Second
)

// lookUp resolves hosts; one without an answer has no addresses.
func lookUp(ctx context.Context, hosts []string) map[string][]netip.Addr {
	var mu sync.Mutex
	var wg sync.WaitGroup
	all := make(map[string][]netip.Addr)
	places := make(chan struct{}, lookUpsAtOnce)
	for _, host := range hosts {
		places <- struct{}{}
		wg.Go(func() {
			defer func() { <-places }()
			within, cancel := context.WithTimeout(ctx, lookUpWithin)
			defer cancel()
			found, err := net.DefaultResolver.LookupNetIP(within, "ip", host)
			if err != nil {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			all[host] = found
		})
	}
	wg.Wait()
	return all
}
