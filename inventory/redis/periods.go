package redis

import (
	"context"
	"fmt"
	"strconv"

	goredis "github.com/redis/go-redis/v9"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// Usage implements inventory.Reader.
func (s *Store) Usage(ctx context.Context, from, until int64, f func(inventory.UsageKey, inventory.UsageTally) error) error {
	err := s.periods(ctx, s.keys.days, from, until, func(c *goredis.Client, day int64) error {
		return s.eachBucket(ctx, c, day, s.keys.usage, otherUsage, func(field string, v *sum) error {
			k := inventory.UsageKey{Day: day}
			if parseField(field, &k.Service, &k.Account, &k.User, &k.Client, &k.Model) != nil {
				s.noteForeign(1, "a figure", s.keys.usage(day, 0))
				return nil
			}
			return f(k, v.usage())
		})
	})
	if err != nil {
		return fmt.Errorf("reading usage: %w", err)
	}
	return nil
}

// Days implements inventory.Reader.
func (s *Store) Days(ctx context.Context, from, until int64, f func(inventory.DayKey, inventory.Tally) error) error {
	err := s.periods(ctx, s.keys.days, from, until, func(c *goredis.Client, day int64) error {
		return s.eachBucket(ctx, c, day, s.keys.day, otherDay, func(field string, v *sum) error {
			k := inventory.DayKey{Day: day}
			var kind string
			if parseField(field, &k.Service, &kind, &k.Name) != nil {
				s.noteForeign(1, "a figure", s.keys.day(day, 0))
				return nil
			}
			k.Kind = inventory.Kind(kind)
			return f(k, v.tally())
		})
	})
	if err != nil {
		return fmt.Errorf("reading days: %w", err)
	}
	return nil
}

// Hours implements inventory.Reader.
func (s *Store) Hours(ctx context.Context, from, until int64, f func(inventory.HourKey, inventory.UsageTally) error) error {
	err := s.periods(ctx, s.keys.hours, from, until, func(c *goredis.Client, hour int64) error {
		all, err := c.HGetAll(ctx, s.keys.hour(hour)).Result()
		if err != nil {
			return err
		}
		for service, text := range all {
			v, err := parseSum(text)
			if err != nil {
				s.noteForeign(1, "a figure", s.keys.hour(hour))
				continue
			}
			if err := f(inventory.HourKey{Hour: hour, Service: service}, v.usage()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading hours: %w", err)
	}
	return nil
}

// periods calls f with those of an index from one until before another, in
// order.
func (s *Store) periods(ctx context.Context, index string, from, until int64, f func(c *goredis.Client, n int64) error) error {
	s.fresh(ctx)
	c, err := s.node(ctx)
	if err != nil {
		return err
	}
	list, err := byScore(ctx, c, index, strconv.FormatInt(from, 10), "("+strconv.FormatInt(until, 10))
	if err != nil {
		return err
	}
	for _, text := range list {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			s.noteForeign(1, "a day or hour", index)
			continue
		}
		if err := f(c, n); err != nil {
			return err
		}
	}
	return nil
}

// eachBucket calls f with the figures of a day. What there was no room for may
// be in several buckets under one name: it comes last, added up.
func (s *Store) eachBucket(ctx context.Context, c *goredis.Client, day int64, key func(int64, int) string, beyond func(string) string, f func(field string, v *sum) error) error {
	crowd := make(map[string]*sum)
	for b := range buckets {
		all, err := c.HGetAll(ctx, key(day, b)).Result()
		if err != nil {
			return err
		}
		for field, text := range all {
			v, err := parseSum(text)
			if err != nil {
				s.noteForeign(1, "a figure", key(day, b))
				continue
			}
			if beyond(field) == field {
				if crowd[field] == nil {
					crowd[field] = new(sum)
				}
				crowd[field].add(v)
				continue
			}
			if err := f(field, &v); err != nil {
				return err
			}
		}
	}
	for field, v := range crowd {
		if err := f(field, v); err != nil {
			return err
		}
	}
	return nil
}

// byScore returns the members of a sorted set in order.
func byScore(ctx context.Context, c *goredis.Client, key, from, to string) ([]string, error) {
	return c.ZRangeArgs(ctx, goredis.ZRangeArgs{Key: key, ByScore: true, Start: from, Stop: to}).Result()
}
