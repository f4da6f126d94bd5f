package published

import (
	"encoding/json"
	"fmt"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

// Claimed returns the version that an entry of the ledger is about, for who has no
// key: whether a gateway sealed it is not looked at.
func Claimed(e *ledger.Entry) (v Version, err error) {
	r, err := inventory.Read[record](e)
	if err != nil {
		return v, err
	}
	if err := json.Unmarshal(r.Rules, &v); err != nil {
		return v, fmt.Errorf("reading ledger entry %d (%s): %w", e.Seq, e.Kind, err)
	}
	return v, nil
}
