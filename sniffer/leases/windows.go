package leases

import (
	"strconv"
	"strings"
	"time"
)

// windows reads the audit log of the Windows DHCP server, of IPv4 and IPv6:
// "ID,Date,Time,Description,Address,Host Name,..." under a banner that explains
// the IDs. Times are local.
type windows struct {
	*builder
	fields []string
	user   int // column of the user name, from 1
}

// windowsLease is the server's default: a log does not tell how long a lease
// lasts, and clients renew it at half its time.
const windowsLease = 8 * 24 * 60 * 60

func isWindows(line string) bool {
	if strings.HasPrefix(line, "ID,Date,Time,Description,") || strings.Contains(line, "DHCP Service Activity Log") {
		return true
	}
	f, ok := cut(line, ',', nil)
	if !ok || len(f) < 7 {
		return false
	}
	_, err := strconv.ParseUint(f[0], 10, 16)
	_, bad := time.Parse("01/02/06 15:04:05", f[1]+" "+f[2])
	return err == nil && bad == nil
}

func (r *windows) line(s string) Reason {
	var ok bool
	if r.fields, ok = cut(s, ',', r.fields[:0]); !ok {
		return ReasonQuoting
	}
	id, err := strconv.ParseUint(strings.TrimSpace(r.fields[0]), 10, 16)
	if err != nil { // the banner
		for i, f := range r.fields {
			if strings.TrimSpace(f) == "User Name" {
				r.user = i + 1
			}
		}
		return good
	}
	var assigns bool
	switch id {
	case 10, 11, 20, 21, 11002, 11004, 11005: // lease, renewal, BOOTP; request, renew, rebind
		assigns = true
	case 12, 16, 17, 18, 23, 11007, 11016, 11018: // release, deleted, expired; the same of IPv6
	default:
		return good // of the server, or of DNS
	}
	return r.event(assigns)
}

func (r *windows) end() Reason { return good }

func (r *windows) event(assigns bool) Reason {
	if len(r.fields) < 6 {
		return ReasonColumns
	}
	t, err := time.ParseInLocation("01/02/06 15:04:05", r.fields[1]+" "+r.fields[2], r.local)
	if err != nil {
		return ReasonTime
	}
	r.localTimes()
	net, ok := network(r.fields[4])
	if !ok {
		return ReasonAddress
	}
	if !assigns {
		return r.release(net, t.Unix())
	}
	e := entry{net: net, from: t.Unix(), until: t.Unix() + windowsLease, device: strings.TrimSuffix(r.fields[5], ".")}
	if r.user > 0 && r.user <= len(r.fields) {
		e.user = r.fields[r.user-1]
	}
	return r.add(e)
}
