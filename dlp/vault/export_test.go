package vault

import "github.com/gnomon-proxy/gnomon/traffic"

// PutAs keeps a value under a name that is not its own.
func PutAs(v *Vault, s traffic.Speaker, name, value string) {
	t := v.Open(s, true).(*tokens)
	t.put(valueID{1}, name, []byte(value))
}

// Sealed returns what is in v as it would be shared.
func Sealed(v *Vault) map[string]map[string][]byte {
	out := make(map[string]map[string][]byte)
	for i, c := range v.all {
		out[i.String()] = make(map[string][]byte)
		for name, e := range c.byName {
			out[i.String()][name] = e.sealed
		}
	}
	return out
}
