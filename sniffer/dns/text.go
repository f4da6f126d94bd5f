package dns

import (
	"fmt"
	"strconv"

	"github.com/miekg/dns"
)

// Describe returns the message in b as dig shows it, with the data of every
// record. It allocates, and refuses what is damaged anywhere.
func Describe(b []byte) (string, error) {
	var m dns.Msg
	if err := m.Unpack(b); err != nil {
		return "", fmt.Errorf("reading DNS message: %w", err)
	}
	return m.String(), nil
}

// TypeName returns the name of a type of records, "TYPE65280" where it has none
// (RFC 3597).
func TypeName(t uint16) string {
	if s, ok := dns.TypeToString[t]; ok {
		return s
	}
	return "TYPE" + strconv.Itoa(int(t))
}
