package inventory_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

// BenchmarkOpen opens an inventory with 100,000 entries in its ledger, as every
// command does, a tenth of them decisions.
func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	s := openStore(b, dir)
	var end ledger.Chain
	list := make([]ledger.Entry, 100_000)
	for i := range list {
		list[i] = ledger.Entry{
			Time: time.Now(), Kind: string(inventory.TopicField), Subject: fmt.Sprintf("service-%d#owner", i%20_000), By: "ann",
			Data: []byte(`{"value":"somebody","source":"person","reason":"asked by mail"}`),
		}
		if i%10 == 0 {
			list[i].Kind, list[i].Subject = string(inventory.TopicDecision), fmt.Sprintf("service-%d", i%20_000)
			list[i].Data = []byte(`{"service":"x","status":"approved","owner":"ann","conditions":["a","b"]}`)
		}
		end.Extend(&list[i])
	}
	if err := s.Append(b.Context(), list); err != nil {
		b.Fatal(err)
	}
	newInventory(b, inventory.Config{Dir: dir, Store: s, Copy: copyKey}) // which makes the copy
	before := cpu(b)
	for b.Loop() {
		newInventory(b, inventory.Config{Dir: dir, Store: s, Copy: copyKey})
	}
	b.ReportMetric(float64((cpu(b)-before).Microseconds())/1000/float64(b.N), "cpu-ms")
}
