package redis

import (
	"slices"
	"strconv"

	goredis "github.com/redis/go-redis/v9"
)

// transfer is a figure that goes under another name, to what is there already.
type transfer struct{ from, field, to, under string }

// usage makes what the person did nobody's.
func (e *erasing) usage() error {
	days, err := byScore(e.ctx, e.c, e.s.keys.days, "-inf", "+inf")
	if err != nil {
		return err
	}
	for _, text := range days {
		day, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return errDamaged
		}
		for b := range buckets {
			list, err := e.usageOf(day, b)
			if err == nil {
				err = e.transfer(list, &e.done.Usage)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (e *erasing) usageOf(day int64, bucket int) (list []transfer, err error) {
	key := e.s.keys.usage(day, bucket)
	fields, err := e.c.HKeys(e.ctx, key).Result()
	if err != nil {
		return nil, err
	}
	for _, field := range fields {
		var service, account, user, client, model string
		if err := parseField(field, &service, &account, &user, &client, &model); err != nil {
			continue // no gateway wrote it
		}
		if user != e.id && client != e.id {
			continue
		}
		nobody := fieldOf(service, account, e.without(user), e.without(client), model)
		list = append(list, transfer{key, field, e.s.keys.usage(day, bucketOf(nobody)), nobody})
	}
	return list, nil
}

// without returns name, "" where it is that of the person.
func (e *erasing) without(name string) string {
	if name == e.id {
		return ""
	}
	return name
}

// blind does so with what hid the person's traffic.
func (e *erasing) blind() error {
	fields, err := e.c.HKeys(e.ctx, e.s.keys.blind).Result()
	if err != nil {
		return err
	}
	var list []transfer
	for _, field := range fields {
		var reason, name, client string
		if err := parseField(field, &reason, &name, &client); err != nil {
			continue
		}
		if client == e.id {
			list = append(list, transfer{e.s.keys.blind, field, e.s.keys.blind, fieldOf(reason, name, "")})
		}
	}
	return e.transfer(list, &e.done.Blind)
}

// transfer moves figures, some at a time: none of them is ever away or there
// twice.
func (e *erasing) transfer(list []transfer, count *int64) error {
	for some := range slices.Chunk(list, pruneSome) {
		if err := e.change(func() (*change, func(), error) { return e.transferring(some, count) }); err != nil {
			return err
		}
	}
	return nil
}

func (e *erasing) transferring(list []transfer, count *int64) (*change, func(), error) {
	was, there := make([]*goredis.StringCmd, len(list)), make([]*goredis.StringCmd, len(list))
	_, err := e.c.Pipelined(e.ctx, func(p goredis.Pipeliner) error {
		for i, t := range list {
			was[i], there[i] = p.HGet(e.ctx, t.from, t.field), p.HGet(e.ctx, t.to, t.under)
		}
		return nil
	})
	if err != nil && err != goredis.Nil {
		return nil, nil, err
	}
	type place struct{ key, field string }
	sums := make(map[place]*sum)
	ch, n := &change{other: true}, int64(0)
	for i, t := range list {
		v, some, err := figure(was[i])
		if err != nil {
			return nil, nil, err
		}
		if !some { // deleted meanwhile: its time was over
			continue
		}
		to := place{t.to, t.under}
		if sums[to] == nil {
			old, _, err := figure(there[i])
			if err != nil {
				return nil, nil, err
			}
			sums[to] = &old
		}
		sums[to].add(v)
		ch.op("HDEL", t.from, t.field)
		n++
	}
	if n == 0 {
		return nil, nil, nil
	}
	for to, v := range sums {
		ch.op("HSET", to.key, to.field, v.text())
	}
	return ch, func() { *count += n }, nil
}

// figure returns the answer to HGET; some is false when there is none.
func figure(cmd *goredis.StringCmd) (v sum, some bool, err error) {
	switch {
	case cmd.Err() == goredis.Nil:
		return v, false, nil
	case cmd.Err() != nil:
		return v, false, cmd.Err()
	}
	v, err = parseSum(cmd.Val())
	return v, true, err
}
