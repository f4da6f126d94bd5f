// Command drive sends the official SDKs and curl through a real gateway to the
// stand-ins and checks, call by call, what arrived and what the caller was
// told. In: GNOMON (the binary), E2E_NODE and E2E_PYTHON (the interpreters,
// empty when absent), E2E_SCRIPTS (the folder of their programs). Out: a table;
// exit status 1 on any failure, and when an SDK could not be tested (but for
// those of the Python package index, which are named as not tested).
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/gnomon-proxy/gnomon/e2e/go/gateway"
	"github.com/gnomon-proxy/gnomon/internal/testnet"
)

// secret is in every prompt: the form of an AWS key id, made up.
const secret = "AKIAZ7Q4MNPLK3WXR2TJ"

// placeholder is what the service has to receive in its place.
const placeholder = "[REDACTED:secret]"

// The rule of the second gateway, and its sentence.
const (
	blockRule    = "e2e-keep-secrets"
	blockMessage = "Secrets stay in this house"
)

// hiding has secrets stand for by tokens, and put back into the answers.
const hiding = `policies:
  - name: e2e-pseudonyms
    when:
      class: [secret]
    action: pseudonymise
    match:
      - {findings: [{class: secret}]}
    no_match:
      - {findings: [{class: contact}]}
`

const overlay = `policies:
  - name: ` + blockRule + `
    when:
      class: [secret]
    action: block
    message: ` + blockMessage + `.
    match:
      - {findings: [{class: secret}]}
    no_match:
      - {findings: [{class: contact}]}
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	failures, err := run(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		os.Exit(1)
	}
	if failures > 0 {
		fmt.Fprintf(os.Stderr, "e2e: %d failures\n", failures)
		os.Exit(1)
	}
}

func run(ctx context.Context) (failures int, err error) {
	dir, err := os.MkdirTemp("", "gnomon-e2e-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	n, err := testnet.Start(testnet.Options{Dir: dir})
	if err != nil {
		return 0, err
	}
	defer n.Close()
	direct, err := startTunnel(n.Addr)
	if err != nil {
		return 0, err
	}
	defer direct.Close()
	redacting, err := gateway.Start(filepath.Join(dir, "redacting"), n, gateway.Options{})
	if err != nil {
		return 0, err
	}
	blocking, err := gateway.Start(filepath.Join(dir, "blocking"), n, gateway.Options{Rules: map[string]string{"policies/e2e.yaml": overlay}})
	if err != nil {
		return 0, err
	}
	pseudonymising, err := gateway.Start(filepath.Join(dir, "pseudonymising"), n, gateway.Options{Rules: map[string]string{"policies/e2e.yaml": hiding}})
	if err != nil {
		return 0, err
	}
	roots := filepath.Join(dir, "roots.pem")
	if err := concat(roots, n.CAFile, redacting.CAFile, blocking.CAFile, pseudonymising.CAFile); err != nil {
		return 0, err
	}
	d := driver{
		net:    n,
		direct: route{direct.Addr(), roots}, redacting: route{redacting.Proxy, roots}, blocking: route{blocking.Proxy, roots},
		pseudonymising: route{pseudonymising.Proxy, roots},
	}
	for _, c := range clients() {
		d.drive(ctx, c)
	}
	for _, g := range []*gateway.Gateway{redacting, blocking, pseudonymising} {
		if strings.Contains(g.Log(), secret) {
			d.fail("gateway", "log", "the secret is in the log")
		}
		if err := g.Stop(); err != nil {
			d.fail("gateway", "stop", err.Error())
		}
	}
	return d.report(os.Stdout), nil
}

func concat(to string, from ...string) error {
	var all []byte
	for _, f := range from {
		b, err := os.ReadFile(f)
		if err != nil {
			return err
		}
		all = append(all, b...)
	}
	return os.WriteFile(to, all, 0o600)
}
