package traffic

import (
	"net/netip"
	"time"
)

// Users tells who had an address at a time, as DHCP leases or RADIUS accounting
// say. Lookup is called concurrently, for each use of AI, and does not allocate.
type Users interface {
	Lookup(client netip.Addr, at time.Time) (user, device string, ok bool)
}

// DevicePrefix leads the name of who is known by device only. A client chooses
// the name of its device: it must never pass for that of a user.
const DevicePrefix = "device:"

// SetUsers tells p who is behind addresses, for flows whose sensor did not say.
// Call it before the first flow.
func (p *Pipeline) SetUsers(u Users) { p.users = u }

// identify fills in the user of a flow where the sensor did not know.
func (p *Pipeline) identify(f *Flow) {
	if p.users != nil && f.User == "" {
		f.User = p.userAt(f.Client, f.Time)
	}
}

// Identify fills in the user of a flow as it would stand in a sighting.
func (p *Pipeline) Identify(f *Flow) { p.identify(f) }

func (p *Pipeline) userAt(client netip.Addr, at time.Time) string {
	if p.users == nil || !client.IsValid() {
		return ""
	}
	user, device, ok := p.users.Lookup(client, at)
	switch {
	case !ok:
		return ""
	case user == "" && device != "":
		return DevicePrefix + device
	}
	return user
}
