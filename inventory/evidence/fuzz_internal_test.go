package evidence

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

// FuzzVerify gives the readers of a pack any bytes, the same as a line of the
// ledger, as lines of sightings, packed or not, and as a public key: they must
// end, take no entry that is not chained, and count what they take.
func FuzzVerify(f *testing.F) {
	zero := strings.Repeat("0", 64)
	f.Add([]byte(`{"seq":1,"time":"2026-11-02T12:00:00Z","kind":"seal","subject":"","by":"gnomon","data":{"from":1,"to":2,"events":1},"prev":"` + zero + `","hash":"` + zero + `"}`))
	f.Add([]byte(`{"seq":1,"prev":"` + zero + `","hash":"` + zero + `","hashed":true}`))
	f.Add([]byte("{\"id\":\"x\",\"time\":\"2026-11-02T12:00:00Z\",\"user\":\"u-1\",\"groups\":[\"a\"],\"requests\":1,\"classes\":{\"secret\":2}}\n\"" + zero + "\"\n"))
	f.Add([]byte("\x28\xb5\x2f\xfd\x04\x00\x51\x00\x00{\"id\":1}\n\n\x01\x02\x03\x04"))
	f.Add([]byte(`{"day":"2026-11-02","service":"openai","figures":[1,2,3,0,0,0,0,0,4,5],"kinds":{"action=block":1},"names":"1","use":"2","other":["action"]}` + "\n"))
	f.Add([]byte("-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n-----END PUBLIC KEY-----\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		from := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
		b := book{record: make(map[string]int64), days: inventory.NewDaysCheck(from, from.AddDate(0, 0, 3))}
		if err := b.follow(data, Period{}); err == nil && b.end.Seq != 1 {
			t.Errorf("taken as entry %d", b.end.Seq)
		}
		tally := newTally()
		var n int64
		count := func(line []byte, e *inventory.Event, _ ledger.Hash) error {
			n++
			if bytes.ContainsRune(line, '\n') {
				t.Errorf("%q is no line", line)
			}
			if e == nil {
				return nil
			}
			return tally.add(e)
		}
		const most = 100
		_ = leaves(bytes.NewReader(data), int64(len(data)), most, count)
		_ = lines(bytes.NewReader(data), func(line []byte) error {
			e := new(inventory.Event)
			if json.Unmarshal(line, e) == nil && n < most {
				return count(line, e, ledger.Hash{})
			}
			return nil
		})
		rows := 0
		_ = lines(bytes.NewReader(data), func(line []byte) error {
			var row inventory.DaySum
			if err := json.Unmarshal(line, &row); err != nil {
				return err
			}
			if err := b.days.Add(&row); err != nil {
				return err
			}
			rows++
			return nil
		})
		if found := b.days.Found(); found.Unsealed > int64(rows) || found.Compared > 0 && b.end.Seq == 0 {
			t.Errorf("%d rows, and %+v", rows, found)
		}
		if n > most {
			t.Errorf("%d lines were taken, at most %d may be", n, most)
		}
		if all := tally.totals(); all.Events > n {
			t.Errorf("%d sightings counted of %d", all.Events, n)
		}
		if k, err := ParsePublicKey(data); err == nil && len(k.Fingerprint()) != len("sha256:")+64 {
			t.Errorf("fingerprint %q", k.Fingerprint())
		}
	})
}
