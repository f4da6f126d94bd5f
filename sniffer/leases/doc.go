// Package leases tells who had an address at a time.
//
// In: files of other systems, recognised by what they hold: CSV with named
// columns, leases of ISC dhcpd, Kea and dnsmasq, the log of the Windows DHCP
// server, accounting details of FreeRADIUS. Out: Map.Lookup, the user and the
// device behind an address at a time.
//
// Within a file the lease that started last holds, until it ends or another
// starts; between files users and devices complete each other, and of two users
// the one whose lease started last is told. Who is not sure to have had an
// address is not named: a lease without an end holds for a day (dnsmasq,
// RADIUS) or as long as the server's default (Windows, 8 days).
//
// All tables are immutable: a reload builds new ones and swaps them.
package leases
