package redis

import (
	"context"
	"strconv"
	"strings"

	goredis "github.com/redis/go-redis/v9"

	"github.com/gnomon-proxy/gnomon/inventory/ledger"
	"github.com/gnomon-proxy/gnomon/inventory/pack"
)

// row is a batch as the stream has it. The IDs are apart, in one text for the
// span: those who look whether a sighting is known read nothing else.
type row struct {
	seq, span, merged int64
	n                 int // sightings
	chain             ledger.Hash
	data              string

	offset int64 // of its IDs in those of the span
	ids    []byte
}

// text returns what the stream holds of r.
func (r *row) text() string {
	w := make(writer, 0, len(r.data)+64)
	w.int(r.span)
	w.int(r.merged)
	w.int(int64(r.n))
	w.text(string(r.chain[:]))
	w.text(r.data)
	return string(w)
}

// parseRow reads an entry of the stream.
func parseRow(m *goredis.XMessage) (r row, err error) {
	seq, rest, _ := strings.Cut(m.ID, "-")
	if rest != "0" {
		return r, errDamaged
	}
	text, _ := m.Values["b"].(string)
	offset, _ := m.Values["o"].(string)
	if r.seq, err = strconv.ParseInt(seq, 10, 64); err != nil {
		return r, errDamaged
	}
	if r.offset, err = strconv.ParseInt(offset, 10, 64); err != nil || r.offset < 0 {
		return r, errDamaged
	}
	return r, r.parse(text)
}

func (r *row) parse(text string) error {
	in := reader{rest: text}
	r.span, r.merged = in.int(), in.int()
	n := in.int()
	chain := in.text()
	r.data = in.text()
	if n < 0 || n > int64(len(r.data)) || len(chain) != len(r.chain) {
		return errDamaged
	}
	r.n = int(n)
	copy(r.chain[:], chain)
	return in.err()
}

func (r *row) id() string { return strconv.FormatInt(r.seq, 10) + "-0" }

// rows parses entries and fetches their IDs. What can't be read is left out.
func (s *Store) rows(ctx context.Context, c *goredis.Client, list []goredis.XMessage) ([]row, error) {
	rows, _ := readable(list)
	ids := make([]*goredis.StringCmd, len(rows))
	if len(rows) == 0 {
		return nil, nil
	}
	_, err := c.Pipelined(ctx, func(p goredis.Pipeliner) error {
		for i := range rows {
			r := &rows[i]
			ids[i] = p.GetRange(ctx, s.keys.ids(r.span), r.offset, r.offset+int64(r.n*len(pack.Key{}))-1)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range rows {
		rows[i].ids = []byte(ids[i].Val())
	}
	return rows, nil
}
