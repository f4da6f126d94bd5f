package pki

import (
	"container/list"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net/netip"
	"sync"
	"time"
)

const (
	leafLife  = 7 * 24 * time.Hour
	renewal   = 24 * time.Hour // a leaf is minted anew when it has less than this to live
	maxLeaves = 10_000
	// maxHost is the longest name that DNS can carry (RFC 1035, section 2.3.4);
	// the name comes from the client.
	maxHost = 253
)

// Minter makes the leaves of one process and keeps the most recently used. It
// is safe for concurrent use.
//
// All leaves share one key, made when the Minter is: a key each would double
// the cost of a new host and protect nothing, as all of them would live in the
// same memory.
type Minter struct {
	ca  *Authority
	key *ecdsa.PrivateKey
	now func() time.Time

	mu     sync.Mutex
	leaves map[string]*list.Element // of *leaf, the most recently used in front
	recent list.List
	minted int64
}

// leaf is the certificate of one host; done is closed when it is there.
type leaf struct {
	host string
	done chan struct{}
	cert *tls.Certificate
	err  error
}

// NewMinter returns a Minter of leaves signed by ca.
func NewMinter(ca *Authority) (*Minter, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("creating the key of the leaves: %w", err)
	}
	return &Minter{ca: ca, key: key, now: time.Now, leaves: make(map[string]*list.Element)}, nil
}

// Certificate returns the leaf of a host name or address, in canonical form.
// However many ask for a new host at once, it is minted once.
func (m *Minter) Certificate(host string) (*tls.Certificate, error) {
	l, mint := m.leaf(host)
	if mint {
		l.cert, l.err = m.mint(host)
		if l.err != nil {
			m.forget(l)
		}
		close(l.done)
	}
	<-l.done
	return l.cert, l.err
}

// Minted returns how many leaves have been made.
func (m *Minter) Minted() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.minted
}

// leaf returns the entry of host, and whether the caller has to fill it.
func (m *Minter) leaf(host string) (l *leaf, mint bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e, ok := m.leaves[host]; ok {
		l = e.Value.(*leaf)
		if !l.stale(m.now()) {
			m.recent.MoveToFront(e)
			return l, false
		}
		m.recent.Remove(e)
	}
	l = &leaf{host: host, done: make(chan struct{})}
	m.leaves[host] = m.recent.PushFront(l)
	for m.recent.Len() > maxLeaves {
		delete(m.leaves, m.recent.Remove(m.recent.Back()).(*leaf).host)
	}
	m.minted++
	return l, true
}

func (l *leaf) stale(now time.Time) bool {
	select {
	case <-l.done:
		return l.cert != nil && l.cert.Leaf.NotAfter.Sub(now) < renewal
	default:
		return false // being minted
	}
}

// forget removes an entry that failed, so that the next caller tries again.
func (m *Minter) forget(l *leaf) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e, ok := m.leaves[l.host]; ok && e.Value == l {
		m.recent.Remove(e)
		delete(m.leaves, l.host)
	}
}

func (m *Minter) mint(host string) (*tls.Certificate, error) {
	now := m.now()
	t := &x509.Certificate{
		SerialNumber: serial(),
		Subject:      pkix.Name{CommonName: commonName(host)},
		NotBefore:    now.Add(-backdated),
		NotAfter:     now.Add(leafLife),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if t.NotAfter.After(m.ca.Certificate.NotAfter) {
		t.NotAfter = m.ca.Certificate.NotAfter
	}
	if a, err := netip.ParseAddr(host); err == nil {
		t.IPAddresses = append(t.IPAddresses, a.AsSlice())
	} else if validHost(host) {
		t.DNSNames = []string{host}
	} else {
		return nil, fmt.Errorf("minting a certificate: not a host name")
	}
	der, err := x509.CreateCertificate(rand.Reader, t, m.ca.Certificate, &m.key.PublicKey, m.ca.key)
	if err != nil {
		return nil, fmt.Errorf("minting a certificate: %w", err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("minting a certificate: %w", err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: m.key, Leaf: parsed}, nil
}

// validHost holds back what a client may put in place of a name and what must
// not end up in a certificate: wildcards, blanks, control characters.
func validHost(host string) bool {
	if host == "" || len(host) > maxHost {
		return false
	}
	for i := range len(host) {
		switch c := host[i]; {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '.', c == '_':
		default:
			return false
		}
	}
	return true
}
