package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/privacy"
)

// PrivacySettings protect the people behind the figures.
type PrivacySettings struct {
	K         uint16   `yaml:"k" help:"groups of fewer people are shown as <k in reports, and who they are is withheld; 1: all are shown"`
	OwnPage   bool     `yaml:"own_page" help:"people see what is kept of them, and ask for exceptions, at http://gnomon.proxy/me through the proxy"`
	Reviewers []string `yaml:"reviewers" help:"who may allow that a name behind a pseudonym is shown to another person; none: no name can be shown"`
	Rotate    string   `yaml:"rotate" help:"how often people get new pseudonyms: never, month, quarter or year, at its end in UTC; 'gnomon privacy rotate' does at any time"`
}

// group returns what a group of people must be to be shown.
func (p PrivacySettings) group() privacy.K { return privacy.K(p.K) }

// RetentionSettings say how long what was seen is kept.
type RetentionSettings struct {
	Sightings period `yaml:"sightings" help:"how long single sightings are kept"`
	Hours     period `yaml:"hours" help:"how long figures by the hour are kept"`
	Rollups   period `yaml:"rollups" help:"how long figures by the day, and those of users and other subjects, are kept"`
	People    period `yaml:"people" help:"how long names behind pseudonyms are kept since they were last seen"`
}

// defaultRotate keeps a quarter's report coherent: packs are made of quarters,
// and trends are looked at within one.
const defaultRotate = string(inventory.RotateQuarter)

const oneDay = 24 * time.Hour

func defaultRetention() RetentionSettings {
	return RetentionSettings{Sightings: period(90 * oneDay), Hours: period(60 * oneDay), Rollups: period(400 * oneDay), People: period(400 * oneDay)}
}

// on returns c with the retention.
func (r RetentionSettings) on(c inventory.Config) inventory.Config {
	c.Sightings, c.Hours, c.Rollups, c.People = time.Duration(r.Sightings), time.Duration(r.Hours), time.Duration(r.Rollups), time.Duration(r.People)
	return c
}

// period is a duration that may be written in days: 90d.
type period time.Duration

func (p period) String() string {
	if d := time.Duration(p); d%oneDay == 0 {
		return fmt.Sprintf("%dd", d/oneDay)
	}
	return time.Duration(p).String()
}

// MarshalText implements encoding.TextMarshaler.
func (p period) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (p *period) UnmarshalText(b []byte) error {
	text := string(b)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16) // 179 years; more is no duration
		if err == nil {
			*p = period(time.Duration(n) * oneDay)
			return nil
		}
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return fmt.Errorf("expected a period such as 90d or 12h, got %.40q", text)
	}
	*p = period(d)
	return nil
}

// minRetention keeps a slip from deleting all that was seen.
const minRetention = time.Hour

func checkPrivacy(s *Settings, note func(key string, err error, sub ...any)) {
	r := s.Inventory.Retention
	for key, p := range map[string]period{"sightings": r.Sightings, "hours": r.Hours, "rollups": r.Rollups, "people": r.People} {
		if time.Duration(p) < minRetention {
			note("inventory.retention."+key, fmt.Errorf("%s would delete what was only just seen: at least %s", p, minRetention))
		}
	}
	if s.Privacy.K == 0 {
		note("privacy.k", errors.New("a group has at least one person; 1 shows all groups"))
	}
	if !slices.Contains(inventory.Rotations(), inventory.Rotation(s.Privacy.Rotate)) {
		note("privacy.rotate", fmt.Errorf("%.40q is none of %v", s.Privacy.Rotate, inventory.Rotations()))
	}
	for i, who := range s.Privacy.Reviewers {
		if strings.TrimSpace(who) == "" {
			note("privacy.reviewers", errors.New("this names nobody"), i)
		}
	}
}
