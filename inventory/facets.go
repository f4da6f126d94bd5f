package inventory

import "github.com/gnomon-proxy/gnomon/traffic"

// SetCount sets how many values of a kind were seen with s, for the kinds that
// a row shows.
func (s *Service) SetCount(kind Kind, n int64) {
	switch kind {
	case KindUser:
		s.Users, s.UsersAtLeast = n, n >= MaxValues
	case KindClient:
		s.Clients, s.ClientsAtLeast = n, n >= MaxValues
	case KindAccount:
		s.Accounts = n
	case KindModel:
		s.Models = n
	}
}

// SetTally sets the figure of one value, for the kinds that a row shows.
func (s *Service) SetTally(kind Kind, name string, n int64) {
	switch kind {
	case KindClass:
		if s.Findings == nil {
			s.Findings = make(map[traffic.Class]int64)
		}
		s.Findings[traffic.Class(name)] = n
	case KindAction:
		if s.Decisions == nil {
			s.Decisions = make(map[traffic.Action]int64)
		}
		s.Decisions[traffic.Action(name)] = n
	case KindDepth:
		switch traffic.Depth(name) {
		case traffic.Inspected:
			s.Coverage.Inspected = n
		case traffic.MetadataOnly:
			s.Coverage.MetadataOnly = n
		case traffic.Blind:
			s.Coverage.Blind = n
		}
	}
}

// AddUse lists one value that was seen with the service.
func (d *Detail) AddUse(kind Kind, u Use) {
	switch kind {
	case KindUser:
		d.UserList = append(d.UserList, u)
	case KindClient:
		d.ClientList = append(d.ClientList, u)
	case KindModel:
		d.ModelList = append(d.ModelList, u)
	case KindSurface:
		d.Surfaces = append(d.Surfaces, u)
	case KindHost:
		d.Hosts = append(d.Hosts, u)
	case KindSensor:
		d.Sensors = append(d.Sensors, u)
	case KindOrigin:
		d.Origins = append(d.Origins, u)
	case KindGroup:
		d.GroupList = append(d.GroupList, u)
	case KindAgent:
		d.AgentList = append(d.AgentList, u)
	case KindTool:
		d.ToolList = append(d.ToolList, u)
	case KindServer:
		d.ServerList = append(d.ServerList, u)
	case KindEndpoint:
		d.EndpointList = append(d.EndpointList, u)
	case KindFiles:
		put(&d.Files, u)
	case KindFeature:
		d.Noted = append(d.Noted, u)
	case KindAccount:
		a, err := ParseAccount(u.Name)
		if err != nil { // the sum of those beyond a bound
			a = Account{Organisation: u.Name}
		}
		d.AccountList = append(d.AccountList, AccountUse{
			Account: a, Requests: u.Requests, Up: u.Up, Down: u.Down, FirstSeen: u.FirstSeen, LastSeen: u.LastSeen,
		})
	case KindDetector:
		put(&d.Detectors, u)
	case KindRule:
		put(&d.Rules, u)
	case KindReason:
		put(&d.Reasons, u)
	}
}

func put(m *map[string]int64, u Use) {
	if *m == nil {
		*m = make(map[string]int64)
	}
	(*m)[u.Name] = u.Requests
}
