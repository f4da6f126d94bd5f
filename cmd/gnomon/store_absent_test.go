package main

import (
	"strings"
	"testing"
)

func TestReadersAreCommands(t *testing.T) {
	root := newRoot()
	for _, path := range readers() {
		cmd, rest, err := root.Find(strings.Fields(path))
		if err != nil || len(rest) > 0 || cmd.CommandPath() != "gnomon "+path || cmd.Annotations[onlyReads] == "" {
			t.Errorf("%q is no command that is marked: %v", path, err)
		}
	}
}
