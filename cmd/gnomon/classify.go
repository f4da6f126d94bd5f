package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// classified is one line of `gnomon classify`.
type classified struct {
	Host     string      `json:"host"`
	AI       bool        `json:"ai"`
	Service  string      `json:"service"`
	ID       string      `json:"id"`
	Vendor   string      `json:"vendor"`
	Category string      `json:"category"`
	How      traffic.How `json:"how"`
}

// maxHostLine bounds a line of standard input; no host or URL is that long.
const maxHostLine = 1 << 20

func newClassifyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "classify [HOST...]",
		Short: "Say which AI service a host (or URL) belongs to",
		Long: `Say which AI service each host belongs to, one JSON object a line. Hosts come
from the arguments or, without any, from standard input, one a line. A URL is
classified by its path too.`,
		Example: `  gnomon classify api.openai.com example.com
  gnomon classify https://duckduckgo.com/duckchat/v1/chat
  cut -f1 hosts.tsv | gnomon classify`,
		RunE: func(cmd *cobra.Command, args []string) error {
			settings, err := settingsOf(cmd)
			if err != nil {
				return err
			}
			k, err := loadHosts(settings.overlays(), passingKey())
			if err != nil {
				return err
			}
			out := bufio.NewWriter(cmd.OutOrStdout())
			if err := classifyAll(k, args, cmd.InOrStdin(), out); err != nil {
				return err
			}
			return out.Flush()
		},
	}
}

func classifyAll(k *knowledge, hosts []string, stdin io.Reader, out io.Writer) error {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	if len(hosts) > 0 {
		for _, h := range hosts {
			if err := enc.Encode(classify(k, h)); err != nil {
				return err
			}
		}
		return nil
	}
	lines := bufio.NewScanner(stdin)
	lines.Buffer(nil, maxHostLine)
	for n := 1; lines.Scan(); n++ {
		h := strings.TrimSpace(lines.Text())
		if h == "" {
			continue
		}
		if err := enc.Encode(classify(k, h)); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("reading hosts from standard input: %w", err)
	}
	return nil
}

func classify(k *knowledge, in string) classified {
	host, path := in, ""
	if strings.Contains(in, "://") {
		if u, err := url.Parse(in); err == nil {
			host, path = u.Host, u.EscapedPath()
		}
	} else if i := strings.IndexByte(in, '/'); i > 0 {
		host = in[:i]
		path, _, _ = strings.Cut(in[i:], "?")
	}
	f := traffic.Flow{Host: traffic.CanonicalHost(host), Path: path}
	v := k.classifier.Host(f.Host)
	if path != "" {
		v, _ = k.classifier.Request(&traffic.Exchange{Flow: f})
	}
	return classified{f.Host, v.AI(), v.Service, v.ID, v.Vendor, v.Category, v.How}
}
