package redis

import (
	"context"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

const (
	// dialTimeout and ioTimeout bound what a Redis that does not answer costs
	// callers without a deadline; none of them carries traffic.
	dialTimeout = time.Second
	ioTimeout   = 5 * time.Second

	poolSize = 16
)

// quiet drops what the library would print on standard error: its errors come
// back from the calls as well.
type quiet struct{}

func (quiet) Printf(context.Context, string, ...any) {}

var silence = sync.OnceFunc(func() { goredis.SetLogger(quiet{}) })

// dial returns a client and what finds the node that has a key. Nothing is sent
// again by the library: only this package knows what may be.
func dial(o *Options) (client goredis.UniversalClient, node func(ctx context.Context) (*goredis.Client, error), err error) {
	silence()
	secure, err := o.tls()
	if err != nil {
		return nil, nil, err
	}
	never := &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	switch o.kind {
	case sentinel:
		f := &goredis.FailoverOptions{
			MasterName: o.master, SentinelAddrs: o.addrs, Username: o.User, Password: o.Password, DB: o.db, TLSConfig: secure,
			MaxRetries: -1, DialerRetries: 1, DialTimeout: dialTimeout, ReadTimeout: ioTimeout, WriteTimeout: ioTimeout, ContextTimeoutEnabled: true,
			PoolSize: poolSize, Protocol: 2, DisableIdentity: true,
		}
		if o.sentinelAuth {
			f.SentinelUsername, f.SentinelPassword = o.User, o.Password
		}
		c := goredis.NewFailoverClient(f)
		return c, func(context.Context) (*goredis.Client, error) { return c, nil }, nil
	case cluster:
		c := goredis.NewClusterClient(&goredis.ClusterOptions{
			Addrs: o.addrs, Username: o.User, Password: o.Password, TLSConfig: secure,
			MaxRedirects: -1, DialerRetries: 1, DialTimeout: dialTimeout, ReadTimeout: ioTimeout, WriteTimeout: ioTimeout, ContextTimeoutEnabled: true,
			PoolSize: poolSize, Protocol: 2, DisableIdentity: true, MaintNotificationsConfig: never,
		})
		tag := "{" + o.Name + "}"
		return c, func(ctx context.Context) (*goredis.Client, error) { return c.MasterForKey(ctx, tag) }, nil
	}
	c := goredis.NewClient(&goredis.Options{
		Addr: o.addrs[0], Username: o.User, Password: o.Password, DB: o.db, TLSConfig: secure,
		MaxRetries: -1, DialerRetries: 1, DialTimeout: dialTimeout, ReadTimeout: ioTimeout, WriteTimeout: ioTimeout, ContextTimeoutEnabled: true,
		PoolSize: poolSize, Protocol: 2, DisableIdentity: true, MaintNotificationsConfig: never,
	})
	return c, func(context.Context) (*goredis.Client, error) { return c, nil }, nil
}
