package main

import (
	"slices"
	"sync"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// sure is the least confidence of what keeps a reason from the record.
const sure = 0.5

// personalIn returns the classes of what is personal or secret in a text.
func personalIn(s *dlp.Scanner, text string) (classes []string) {
	for _, h := range s.ScanText([]byte(text), nil) {
		switch h.Class {
		case traffic.ClassSecret, traffic.ClassPaymentCard, traffic.ClassBankAccount, traffic.ClassNationalID, traffic.ClassContact, traffic.ClassPersonal, traffic.ClassHealth, traffic.ClassCrypto:
			if name := string(h.Class); h.Confidence >= sure && !slices.Contains(classes, name) {
				classes = append(classes, name)
			}
		}
	}
	return classes
}

// personal looks for personal data with the rules in force.
func (g *gateway) personal(text string) ([]string, error) {
	return personalIn(g.knowledge.Load().scanner, text), nil
}

// personalBy does so for a command, which makes a scanner only when it needs one.
func personalBy(overlays []string) func(string) ([]string, error) {
	scanner := sync.OnceValues(func() (*dlp.Scanner, error) {
		set, err := rules.Load(overlays...)
		if err != nil {
			return nil, err
		}
		return dlp.New(set.Detectors, traffic.Key{}, dlp.Options{Allow: set.Allow})
	})
	return func(text string) ([]string, error) {
		s, err := scanner()
		if err != nil {
			return nil, err
		}
		return personalIn(s, text), nil
	}
}
