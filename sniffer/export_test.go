package sniffer

// LeaveAll has s follow what look could tell alone.
func (s *Sniffer) LeaveAll() { s.looker.names = new(names) }
