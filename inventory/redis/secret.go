package redis

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"

	goredis "github.com/redis/go-redis/v9"
)

// ErrOtherKey says that a secret was sealed under another key.
var ErrOtherKey = errors.New("the key is not the one that the secrets of this inventory are sealed under")

// Secret returns a secret that all gateways share, nil when there is none yet.
// Redis holds it sealed under a key that it never sees.
func (s *Store) Secret(ctx context.Context, name string, key [32]byte) ([]byte, error) {
	seal, err := sealer(key)
	if err != nil {
		return nil, err
	}
	c, err := s.find(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading %s in Redis: %w", name, err)
	}
	sealed, err := c.HGet(ctx, s.keys.secrets, name).Bytes()
	if err == goredis.Nil {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s in Redis: %w", name, err)
	}
	secret, err := seal.Open(nil, nil, sealed, s.about(name))
	if err != nil {
		return nil, ErrOtherKey
	}
	return secret, nil
}

// SetSecret shares a secret unless another gateway was first, and returns the
// one that is shared. It is not empty.
func (s *Store) SetSecret(ctx context.Context, name string, key [32]byte, secret []byte) ([]byte, error) {
	seal, err := sealer(key)
	if err != nil {
		return nil, err
	}
	c, err := s.find(ctx)
	if err == nil {
		err = c.HSetNX(ctx, s.keys.secrets, name, seal.Seal(nil, nil, secret, s.about(name))).Err()
	}
	if err != nil {
		return nil, fmt.Errorf("sharing %s through Redis: %w", name, err)
	}
	return s.Secret(ctx, name, key)
}

// HasSecrets reports whether a gateway has shared any.
func (s *Store) HasSecrets(ctx context.Context) (bool, error) {
	c, err := s.find(ctx)
	if err != nil {
		return false, fmt.Errorf("reading Redis: %w", err)
	}
	n, err := c.HLen(ctx, s.keys.secrets).Result()
	if err != nil {
		return false, fmt.Errorf("reading Redis: %w", err)
	}
	return n > 0, nil
}

// about binds a sealed secret to its place.
func (s *Store) about(name string) []byte { return []byte("gnomon-secret-1 " + name) }

func sealer(key [32]byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, fmt.Errorf("preparing a key: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}
