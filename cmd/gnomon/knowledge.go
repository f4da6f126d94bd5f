package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"reflect"
	"time"

	"github.com/gnomon-proxy/gnomon/classifier"
	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/dlp/document"
	"github.com/gnomon-proxy/gnomon/prompt"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// knowledge is one state of the rules and the stages built from it.
type knowledge struct {
	set        *rules.Set
	classifier *classifier.Classifier
	scanner    *dlp.Scanner
	engine     *rules.Engine
	codec      *prompt.Codec
	blind      *rules.BlindIndex
	own        bool // the scanner looks for tables or fingerprints, too
}

// loadKnowledge reads the embedded rules with overlays over them and builds all
// stages, or returns why it can't: nothing is half loaded.
func loadKnowledge(overlays []string, key traffic.Key) (*knowledge, error) {
	return loadAfter(nil, overlays, key)
}

// loadAfter is loadKnowledge for who has loaded rules before, under the same key:
// where these look for the same, their scanner is used on. To build one takes nearly
// all of the time, and most changes are of policies.
func loadAfter(before *knowledge, overlays []string, key traffic.Key) (*knowledge, error) {
	set, err := rules.Load(overlays...)
	if err != nil {
		return nil, &configError{err}
	}
	k, err := newHosts(set, key)
	if err != nil {
		return nil, err
	}
	k.codec = prompt.New()
	if err := refuseDear(k.set.Detectors); err != nil {
		return nil, &configError{err}
	}
	opts := dlp.Options{Extract: extractText, Allow: k.set.Allow}
	if err := loadOwn(&opts, overlays, key); err != nil {
		return nil, &configError{err}
	}
	k.own = len(opts.EDM)+len(opts.Fingerprints) > 0
	if k.looksAs(before) {
		k.scanner = before.scanner
	} else if k.scanner, err = dlp.New(k.set.Detectors, key, opts); err != nil {
		return nil, &configError{fmt.Errorf("building the scanner: %w", err)}
	}
	if k.engine, err = rules.NewEngine(k.set.Policies, time.Now); err != nil {
		return nil, &configError{fmt.Errorf("building the policy: %w", err)}
	}
	return k, nil
}

// looksAs reports whether k looks for the same in prompts as rules before it.
func (k *knowledge) looksAs(before *knowledge) bool {
	return before != nil && !k.own && !before.own &&
		reflect.DeepEqual(k.set.Detectors, before.set.Detectors) && reflect.DeepEqual(k.set.Allow, before.set.Allow)
}

// loadHosts is loadKnowledge for commands that read no prompts: it builds only
// what tells hosts apart.
func loadHosts(overlays []string, key traffic.Key) (*knowledge, error) {
	set, err := rules.LoadHosts(overlays...)
	if err != nil {
		return nil, &configError{err}
	}
	return newHosts(set, key)
}

func newHosts(set *rules.Set, key traffic.Key) (k *knowledge, err error) {
	k = &knowledge{set: set, blind: rules.NewBlindIndex(set.BlindSpots)}
	if k.classifier, err = classifier.New(set.Services, set.Signals, key); err != nil {
		return nil, &configError{fmt.Errorf("building the classifier: %w", err)}
	}
	return k, nil
}

// withDocuments has d read the files that are attached to prompts.
func (k *knowledge) withDocuments(d *documents) *knowledge {
	k.codec = k.codec.Reading(d)
	return k
}

func (k *knowledge) stages() *traffic.Stages {
	return &traffic.Stages{Classifier: k.classifier, Codec: k.codec, Scanner: k.scanner, Policy: k.engine, Answers: k.codec}
}

// passingKey returns a key for commands that keep nothing: their hashes mean
// nothing after they end.
func passingKey() (k traffic.Key) {
	rand.Read(k[:])
	return k
}

// extractText reads the text out of a document that a prompt holds in base64.
func extractText(data []byte, most int) []byte {
	text := document.Read(context.Background(), data, document.Options{
		Depth: 3, Entries: 500, Unpacked: 32 << 20, Text: int64(most), Time: 2 * time.Second,
	})
	return text.Bytes[:min(len(text.Bytes), most)]
}
