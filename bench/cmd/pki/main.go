// Command pki makes the certificates of the bench under pki/: the origin's CA
// and leaf, the CAs with which the proxies intercept, and bundle.pem, which is
// what the load trusts. Existing files stay unless they are about to expire.
package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"time"
)

const (
	dir   = "pki"
	hosts = 500 // h0 to h499, for the scenario that mints
	life  = 30 * 24 * time.Hour
)

func main() {
	if fresh(filepath.Join(dir, "bundle.pem")) {
		return
	}
	if err := makeAll(); err != nil {
		fmt.Fprintln(os.Stderr, "pki:", err)
		os.Exit(1)
	}
}

// fresh reports whether the last file of an earlier run is there and young.
func fresh(name string) bool {
	info, err := os.Stat(name)
	return err == nil && time.Since(info.ModTime()) < life/2
}

// pair is a certificate and its key, both in PEM.
type pair struct {
	cert, key []byte
	parsed    *x509.Certificate
	signer    crypto.Signer
}

func makeAll() error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	ec := func() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }
	upCA, err := issue("Bench origin CA", nil, nil, ec)
	if err != nil {
		return err
	}
	names := []string{"api.bench.test", "bench.test"}
	for i := range hosts {
		names = append(names, fmt.Sprintf("h%d.bench.test", i))
	}
	up, err := issue("api.bench.test", names, upCA, ec)
	if err != nil {
		return err
	}
	mitmEC, err := issue("Bench interception CA (ECDSA)", nil, nil, ec)
	if err != nil {
		return err
	}
	mitmRSA, err := issue("Bench interception CA (RSA)", nil, nil, func() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, 2048) })
	if err != nil {
		return err
	}
	for _, f := range []struct {
		name string
		data []byte
	}{
		{"upca.pem", upCA.cert},
		{"up.pem", up.cert}, {"up.key", up.key},
		{"mitm-ec.pem", mitmEC.cert}, {"mitm-ec.key", mitmEC.key},
		{"mitm-ec-both.pem", slices.Concat(mitmEC.cert, mitmEC.key)}, // as Squid wants it
		{"mitm-rsa.pem", mitmRSA.cert}, {"mitm-rsa.key", mitmRSA.key},
		{"bundle.pem", slices.Concat(upCA.cert, mitmEC.cert, mitmRSA.cert)}, // last: see fresh
	} {
		if err := os.WriteFile(filepath.Join(dir, f.name), f.data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// issue makes a leaf for names, signed by ca, or a CA of its own where ca is
// nil.
func issue(subject string, names []string, ca *pair, newKey func() (crypto.Signer, error)) (*pair, error) {
	key, err := newKey()
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	t := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: subject}, DNSNames: names,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(life),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	parent, signer := t, key
	if ca == nil {
		t.IsCA, t.KeyUsage, t.ExtKeyUsage = true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign, nil
	} else {
		parent, signer = ca.parsed, ca.signer
	}
	der, err := x509.CreateCertificate(rand.Reader, t, parent, key.Public(), signer)
	if err != nil {
		return nil, fmt.Errorf("signing %q: %w", subject, err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return &pair{
		cert:   pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		key:    pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}),
		parsed: parsed, signer: key,
	}, nil
}
