package main

import (
	"bufio"
	"crypto/rand"
	"fmt"
	"os"
	"strings"
	"sync"

	"golang.org/x/crypto/bcrypt"

	"github.com/gnomon-proxy/gnomon/proxy"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// authFile checks the credentials of clients against a file of lines
// "name:bcrypt hash[:group,group]", as `htpasswd -B` writes them. bcrypt is
// slow on purpose, so credentials that were right once are remembered under a
// key of the process.
type authFile struct {
	users map[string]authUser
	none  []byte // hash to compare with for a name that is not there
	key   traffic.Key

	mu    sync.Mutex
	right map[string]string // keyed hash of name and password → name
}

type authUser struct {
	hash   []byte
	groups []string
}

// maxRemembered bounds the credentials that are remembered.
const maxRemembered = 10_000

var _ proxy.Authenticator = (*authFile)(nil)

func readAuthFile(path string) (*authFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	a := &authFile{users: make(map[string]authUser), right: make(map[string]string)}
	rand.Read(a.key[:])
	if a.none, err = bcrypt.GenerateFromPassword(a.key[:], bcrypt.DefaultCost); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, rest, _ := strings.Cut(line, ":")
		hash, groups, _ := strings.Cut(rest, ":")
		if _, err := bcrypt.Cost([]byte(hash)); err != nil || name == "" {
			return nil, fmt.Errorf("%s:%d: want name:bcrypt-hash[:group,group] (htpasswd -B makes such lines)", path, n)
		}
		if _, twice := a.users[name]; twice {
			return nil, fmt.Errorf("%s:%d: user %q is there twice", path, n, name)
		}
		u := authUser{hash: []byte(hash)}
		if groups != "" {
			u.groups = strings.Split(groups, ",")
		}
		a.users[name] = u
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return a, nil
}

// Authenticate implements proxy.Authenticator.
func (a *authFile) Authenticate(name, password string) (groups []string, ok bool) {
	sum := a.key.Hash(name, []byte(password))
	a.mu.Lock()
	known := a.right[sum] == name && name != ""
	a.mu.Unlock()
	u, exists := a.users[name]
	if known {
		return u.groups, true
	}
	if !exists {
		u.hash = a.none
	}
	if bcrypt.CompareHashAndPassword(u.hash, []byte(password)) != nil || !exists {
		return nil, false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.right) >= maxRemembered {
		clear(a.right)
	}
	a.right[sum] = name
	return u.groups, true
}
