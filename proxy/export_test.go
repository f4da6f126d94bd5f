package proxy

import "time"

// SetHoldTimeout has bodies that are held time out sooner.
func SetHoldTimeout(c *Config, d time.Duration) { c.holdTimeout = d }
