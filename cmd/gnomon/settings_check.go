package main

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/gnomon-proxy/gnomon/internal/strictyaml"
	"github.com/gnomon-proxy/gnomon/inventory/redis"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// validate notes what is wrong with the values of s.
func validate(s *Settings, from *sources, errs *strictyaml.Errors) {
	note := func(key string, err error, sub ...any) {
		if err != nil {
			errs.Add(from.of(key, sub...), "%s: %v", key, err)
		}
	}
	if s.StateDir == "" {
		errs.Add(strictyaml.Position{File: "state_dir"}, "no folder is known for the state; set state_dir, GNOMON_STATE_DIR or --state-dir")
	}
	note("proxy.listen", checkListen(s.Proxy.Listen))
	note("proxy.listen", checkOpen(s))
	note("console.listen", checkListen(s.Console.Listen))
	checkConsole(&s.Console, note)
	checkSyslog(&s.Sniffer, note)
	for i, host := range s.Proxy.Intercept {
		note("proxy.intercept", checkPattern(host), i)
	}
	for host, addr := range s.Proxy.Resolve {
		note("proxy.resolve", checkResolve(host, addr), host)
	}
	if i := slices.Index(s.Proxy.ConnectPorts, 0); i >= 0 {
		note("proxy.connect_ports", fmt.Errorf("0 is not a port"), i)
	}
	if s.Proxy.MaxScanBytes == 0 {
		note("proxy.max_scan_bytes", fmt.Errorf("nothing would be scanned"))
	}
	if s.Proxy.ScanMemory == 0 {
		note("proxy.scan_memory", fmt.Errorf("nothing could be scanned"))
	}
	if s.Proxy.Grace < 0 {
		note("proxy.grace", fmt.Errorf("a duration can't be negative"))
	}
	if s.DLP.OCRTimeout <= 0 {
		note("dlp.ocr_timeout", fmt.Errorf("no image could be read"))
	}
	if s.DLP.OCRProcesses == 0 {
		note("dlp.ocr_processes", fmt.Errorf("no image could be read"))
	}
	note("inventory.store", checkStore(s.Inventory.Store))
	checkPrivacy(s, note)
	checkVault(s, note)
	checkEvents(s.Events, note)
	for _, one := range s.all() {
		if words := one.tag.Get("enum"); words != "" {
			known := strings.Split(words, ",")
			if v := one.value.String(); !slices.Contains(known, v) {
				note(one.key, fmt.Errorf("expected one of %s, got %.40q", strings.Join(known, ", "), v))
			}
		}
	}
	slices.SortStableFunc(*errs, func(a, b *strictyaml.Error) int { return a.Line - b.Line })
}

func checkListen(addr string) error {
	_, port, err := net.SplitHostPort(addr)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return fmt.Errorf("expected an address and a port such as 127.0.0.1:8080, got %.60q", addr)
	}
	return nil
}

// checkOpen refuses an open proxy: whoever reaches it could use it.
func checkOpen(s *Settings) error {
	host, _, err := net.SplitHostPort(s.Proxy.Listen)
	if err != nil || host == "localhost" || len(s.Proxy.Clients) > 0 || s.Proxy.AuthFile != "" {
		return nil
	}
	if a, err := netip.ParseAddr(host); err == nil && a.Unmap().IsLoopback() {
		return nil
	}
	return fmt.Errorf("the proxy would be open to everybody who reaches %s; set proxy.clients or proxy.auth_file", s.Proxy.Listen)
}

func checkPattern(host string) error {
	name := strings.TrimPrefix(host, "*.")
	if !isName(name) {
		return fmt.Errorf("expected a host such as api.example.com or *.example.com, got %.60q", host)
	}
	return nil
}

// isName reports whether s is a bare host or address.
func isName(s string) bool {
	return s != "" && len(s) <= 253 && strings.EqualFold(s, traffic.CanonicalHost(s)) && !strings.ContainsAny(s, "*/ @?#,\\") && !strings.Contains(s, "..")
}

func checkResolve(host, addr string) error {
	if !isName(host) {
		return fmt.Errorf("expected a host without port or wildcard, got %.60q", host)
	}
	if _, err := netip.ParseAddr(addr); err == nil {
		return nil
	}
	if a, err := netip.ParseAddrPort(addr); err == nil && a.Port() != 0 {
		return nil
	}
	return fmt.Errorf("expected an IP address, with a port or without, got %.60q", addr)
}

// checkStore never quotes the URL: it may hold a password.
func checkStore(store string) error {
	if store == storeSQLite {
		return nil
	}
	if !strings.Contains(store, "://") || !strings.HasPrefix(store, "redis") {
		return fmt.Errorf("expected sqlite or the URL of a Redis (redis://, rediss://, redis-sentinel://, redis-cluster://)")
	}
	_, err := redis.ParseURL(store)
	return err
}
