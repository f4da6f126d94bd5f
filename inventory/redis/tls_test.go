package redis_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/ports"
	"github.com/gnomon-proxy/gnomon/internal/testredis"
	"github.com/gnomon-proxy/gnomon/inventory/redis"
)

// certificates writes a certificate that signs itself and serves both ends.
func certificates(t *testing.T) (cert, key string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "redis"}, DNSNames: []string{"redis.test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, k.Public(), k)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, b := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(b), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

// TestTLS speaks TLS with certificates on both sides, as a user that may touch
// the keys of one inventory only. Without one of these nothing opens, and no
// error says the password.
func TestTLS(t *testing.T) {
	cert, key := certificates(t)
	port := strconv.Itoa(ports.Free(t))
	addr := net.JoinHostPort("127.0.0.1", port)
	server := testredis.Start(t, "--tls-port", port, "--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", cert)
	server.Do("ACL", "SETUSER", "gnomon", "on", ">hunter2", "~{lab}:*", "+@all", "-@dangerous", "+info")
	server.Do("ACL", "SETUSER", "default", "off")
	good := "rediss://gnomon:hunter2@" + addr + "?name=lab&server_name=redis.test&ca=" + cert + "&cert=" + cert + "&key=" + key
	s := open(t, good)
	if err := s.Merge(t.Context(), users("a", 5, true)); err != nil {
		t.Fatal(err)
	}
	whole(t, s, 5)
	for name, url := range map[string]string{
		"no client certificate": strings.Split(good, "&cert=")[0],
		"other name":            strings.Replace(good, "redis.test", "other.test", 1),
		"no CA":                 strings.Replace(good, "&ca="+cert, "", 1),
		"wrong password":        strings.Replace(good, "hunter2@", "hunter2hunter2@", 1),
		"other inventory":       strings.Replace(good, "name=lab", "name=other", 1),
		"no TLS":                "redis://gnomon:hunter2@" + addr,
	} {
		o, err := redis.ParseURL(url)
		if err != nil {
			t.Fatal(err)
		}
		s, err := redis.Open(timeout(t, 5*time.Second), o)
		if err == nil {
			t.Errorf("%s: opened", name)
			s.Close()
			continue
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the error says the password: %v", name, err)
		}
	}
}
