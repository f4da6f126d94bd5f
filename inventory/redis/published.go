package redis

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// MaxPublished bounds what is published at one time.
	MaxPublished = 32 << 20

	// unkept is how long something is kept that nobody has put on record as
	// published, or not any more: who reads it has a day to do so.
	unkept = 24 * time.Hour
)

// ErrUnpublished says that nothing is published under an id (any more),
// ErrOtherPublished that it is not what SetPublished put there.
var (
	ErrUnpublished    = errors.New("the store does not have it")
	ErrOtherPublished = errors.New("it was changed in Redis by others, or is sealed under another inventory.key_file: publish it again")
)

// published holds one thing that was published, sealed.
func (k *keys) published(id string) string { return k.prefix + "published:" + id }

// SetPublished puts something under an id, sealed under a key that Redis never
// sees. It is gone after a day, unless KeepPublished is called.
func (s *Store) SetPublished(ctx context.Context, id string, key [32]byte, text []byte) error {
	if len(text) > MaxPublished {
		return fmt.Errorf("publishing through Redis: %d bytes are too many", len(text))
	}
	seal, err := sealer(key)
	if err != nil {
		return err
	}
	c, err := s.node(ctx)
	if err == nil {
		err = c.Set(ctx, s.keys.published(id), seal.Seal(nil, nil, text, aboutPublished(id)), unkept).Err()
	}
	if err != nil {
		s.moved(err)
		return fmt.Errorf("publishing through Redis: %w", err)
	}
	return nil
}

// KeepPublished keeps what is under an id for good, or for no more than a day.
func (s *Store) KeepPublished(ctx context.Context, id string, keep bool) error {
	c, err := s.node(ctx)
	if err == nil && keep {
		err = c.Persist(ctx, s.keys.published(id)).Err()
	} else if err == nil {
		err = c.PExpire(ctx, s.keys.published(id), unkept).Err()
	}
	if err != nil {
		s.moved(err)
		return fmt.Errorf("publishing through Redis: %w", err)
	}
	return nil
}

// Published returns what is under an id. The error is ErrUnpublished where there is
// nothing, ErrOtherPublished when it is not what SetPublished put there.
func (s *Store) Published(ctx context.Context, id string, key [32]byte) ([]byte, error) {
	seal, err := sealer(key)
	if err != nil {
		return nil, err
	}
	c, err := s.node(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading what was published in Redis: %w", err)
	}
	// A range, so that a longer value that others have put there is not read whole.
	sealed, err := c.GetRange(ctx, s.keys.published(id), 0, MaxPublished+int64(seal.Overhead())).Bytes()
	switch {
	case mistyped(err):
		return nil, fmt.Errorf("reading what was published in Redis: %w", ErrOtherPublished)
	case err != nil:
		s.moved(err)
		return nil, fmt.Errorf("reading what was published in Redis: %w", err)
	case len(sealed) == 0:
		return nil, fmt.Errorf("reading what was published in Redis: %w", ErrUnpublished)
	}
	text, err := seal.Open(nil, nil, sealed, aboutPublished(id))
	if err != nil {
		return nil, fmt.Errorf("reading what was published in Redis: %w", ErrOtherPublished)
	}
	return text, nil
}

// aboutPublished binds what is sealed to its place.
func aboutPublished(id string) []byte { return []byte("gnomon-published-1 " + id) }
