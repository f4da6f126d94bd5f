package main

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/proxy"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// inspected is what `gnomon inspect` prints.
type inspected struct {
	Service   string          `json:"service"`
	Format    string          `json:"format"`
	Model     string          `json:"model"`
	Account   inspectAccount  `json:"account"`
	Stream    bool            `json:"stream"`
	Parts     []inspectPart   `json:"parts"`
	Findings  []partFinding   `json:"findings"`
	Gaps      []inspectGap    `json:"not_inspected"`
	Decision  inspectDecision `json:"decision"`
	Coverage  inspectCoverage `json:"coverage"`
	How       traffic.How     `json:"how"`
	Features  []string        `json:"features"`
	Rewritten string          `json:"rewritten"` // base64, "" when refused
}

type inspectAccount struct {
	Organisation string              `json:"organisation"`
	Plan         string              `json:"plan"`
	Kind         traffic.AccountKind `json:"kind"`
}

type inspectPart struct {
	Role string           `json:"role"`
	Kind traffic.PartKind `json:"kind"`
	Name string           `json:"name"`
	Text string           `json:"text"`
}

type partFinding struct {
	foundJSON
	Part  int           `json:"part"`
	Print string        `json:"fingerprint,omitempty"` // "" where no gateway has made the key
	Place string        `json:"place,omitempty"`       // in an attached file: page, cell, file inside
	Style traffic.Style `json:"style,omitempty"`       // how it is replaced; "" if it is not
}

// inspectGap is what was not read of a part.
type inspectGap struct {
	Part   int    `json:"part"`
	Place  string `json:"place"`
	Reason string `json:"reason"`
	Detail string `json:"detail"`
}

type inspectDecision struct {
	Action traffic.Action `json:"action"`
	Rule   string         `json:"rule"`
	Reason string         `json:"reason"`
}

type inspectCoverage struct {
	Depth  traffic.Depth `json:"depth"`
	Reason string        `json:"reason"`
}

func newInspectCommand() *cobra.Command {
	var rawURL string
	cmd := &cobra.Command{
		Use:   "inspect [--url URL] [FILE]",
		Short: "Show what the gateway would read in one saved HTTP request, and what it would send on",
		Long: `Read one raw HTTP/1.1 request (request line, header, empty line, any body) from
a file or standard input and print as JSON what the gateway reads in it, what
it finds and decides, and the whole request as it would be sent on (base64).
Nothing is sent and nothing is stored.`,
		Example: `  gnomon inspect request.txt
  gnomon inspect --url https://api.openai.com/v1/chat/completions <request.txt`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			settings, err := settingsOf(cmd)
			if err != nil {
				return err
			}
			if rawURL != "" { // before waiting for input
				if _, err := absoluteURL(rawURL); err != nil {
					return err
				}
			}
			name := "-"
			if len(args) > 0 {
				name = args[0]
			}
			in, err := openInput(name, cmd.InOrStdin())
			if err != nil {
				return err
			}
			defer in.Close()
			raw, err := io.ReadAll(io.LimitReader(in, maxScanFile))
			if err != nil {
				return fmt.Errorf("reading %s: %w", name, err)
			}
			req, err := readRawRequest(raw, rawURL)
			if err != nil {
				return err
			}
			key, kept, err := scanKey(settings)
			if err != nil {
				return err
			}
			k, err := loadKnowledge(settings.overlays(), key)
			if err != nil {
				return err
			}
			register, done, err := readStandings(cmd.Context(), settings)
			if err != nil {
				return err
			}
			defer done()
			result, err := inspect(k, settings, register, req)
			if err != nil {
				return err
			}
			if !kept {
				result.forgetPrints()
			}
			enc := json.NewEncoder(cmd.OutOrStdout())
			enc.SetIndent("", "  ")
			enc.SetEscapeHTML(false)
			return enc.Encode(result)
		},
	}
	cmd.Flags().StringVar(&rawURL, "url", "", "URL of the request, where its own head does not say")
	return cmd
}

// forget records nothing.
type forget struct{}

func (forget) Record(*traffic.Sighting) {}

// inspect takes a saved request the way that the proxy takes a live one.
func inspect(k *knowledge, s Settings, register traffic.Register, req *rawRequest) (*inspected, error) {
	stages := k.withDocuments(newDocuments(s)).stages()
	parts := witness{Scanner: stages.Scanner}
	stages.Scanner = &parts
	p := traffic.NewPipeline(stages, register, forget{}, hostPatterns(s.Proxy.Intercept), slog.New(slog.DiscardHandler))
	v, err := newVault(s, passingKey(), nil, nil, nil) // for the form of what would be sent: each run makes other tokens
	if err != nil {
		return nil, err
	}
	p.UseVault(v)
	x := p.Begin(req.flow(), req.parsed.Header, req.url.Query())
	x.RawQuery = req.url.RawQuery
	encoding := strings.Join(req.parsed.Header.Values("Content-Encoding"), ", ")
	plain, cut, err := proxy.Decode(encoding, req.body, int(s.Proxy.MaxScanBytes))
	switch {
	case x.Decision.Action == traffic.ActionBlock:
	case err != nil:
		if x.Verdict.AI() {
			encoding, x.Body = "", req.body
			p.InspectRaw(x, plain, traffic.ReasonEncoding)
		}
	case len(plain) == 0 && x.Need == traffic.NeedAll:
		p.InspectQuery(x)
	default:
		x.Body, x.Cut = plain, cut
		if x.Need == traffic.NeedShape {
			p.Shape(x)
		}
		if x.Need == traffic.NeedAll {
			p.Inspect(x)
		}
	}
	if x.RewrittenQuery != "" {
		req.setQuery(x.RewrittenQuery)
	}
	sent := req.withBody(req.body)
	if x.Rewritten != nil {
		body, err := proxy.Encode(encoding, x.Rewritten)
		if err != nil {
			return nil, fmt.Errorf("encoding the rewritten body: %w", err)
		}
		sent = req.withBody(body)
	}
	if x.Decision.Action == traffic.ActionBlock {
		sent = nil
	}
	return asInspected(x, parts.seen, sent), nil
}

// witness keeps the parts that were scanned: the pipeline forgets the texts of
// documents.
type witness struct {
	traffic.Scanner
	seen []traffic.Part
}

// Scan implements traffic.Scanner.
func (w *witness) Scan(p *traffic.Prompt) []traffic.Finding {
	w.seen = slices.Clone(p.Parts)
	return w.Scanner.Scan(p)
}

func asInspected(x *traffic.Exchange, parts []traffic.Part, sent []byte) *inspected {
	out := &inspected{
		Service: x.Verdict.Service, How: x.Verdict.How, Features: append([]string{}, x.Verdict.Features...),
		Account:  inspectAccount{x.Account.Organisation, x.Account.Plan, x.Account.Kind},
		Parts:    []inspectPart{},
		Findings: []partFinding{},
		Gaps:     []inspectGap{},
		Decision: inspectDecision{x.Decision.Action, x.Decision.Rule, x.Decision.Reason},
		Coverage: inspectCoverage{x.Coverage.Depth, x.Coverage.Reason},
	}
	if out.Decision.Action == "" { // not AI: passed on without a decision
		out.Decision.Action = traffic.ActionAllow
	}
	if sent != nil {
		out.Rewritten = base64.StdEncoding.EncodeToString(sent)
	}
	if x.Prompt == nil {
		return out
	}
	out.Format, out.Model, out.Stream = x.Prompt.Format, x.Prompt.Model, x.Prompt.Stream
	for _, part := range parts {
		out.Parts = append(out.Parts, inspectPart{part.Role, part.Kind, part.Name, string(part.Text)})
	}
	for _, f := range x.Findings {
		out.Findings = append(out.Findings, partFinding{foundJSON{f.Detector, f.Class, f.Start, f.End, f.Confidence, f.Via}, f.Part, f.Print, f.Place, ""})
	}
	for _, g := range x.Prompt.Gaps {
		out.Gaps = append(out.Gaps, inspectGap{g.Part, g.Place, g.Reason, g.Detail})
	}
	for k, i := range x.Decision.Redact {
		out.Findings[i].Style = cmp.Or(x.Decision.Style(k), traffic.StylePlaceholder)
	}
	return out
}

// forgetPrints takes away fingerprints that mean nothing after this run.
func (in *inspected) forgetPrints() {
	for i := range in.Findings {
		in.Findings[i].Print = ""
	}
}

// readStandings returns the register of an existing inventory, or one in which
// nothing has been reviewed.
func readStandings(ctx context.Context, s Settings) (traffic.Register, func(), error) {
	inv, done, err := openExisting(ctx, s)
	if err != nil || inv == nil {
		return unreviewed{}, func() {}, err
	}
	return inv, done, nil
}

type unreviewed struct{}

func (unreviewed) Status(string) traffic.Status { return traffic.StatusUnreviewed }
