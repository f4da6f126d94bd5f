package main

import (
	"os"
	"path/filepath"
)

// publishedDir, in the state directory, is where the rules are that were published
// for all gateways of an inventory, as this one has taken them last: a link to a
// folder, so that one takes the place of another at once.
const publishedDir = "published"

// overlays are the folders of rules that are laid over the embedded ones, each over
// those before it: rules_dir, then what was published, so that what an
// organisation publishes holds on each of its gateways, whatever lies there.
func (s *Settings) overlays() []string {
	list := []string{s.RulesDir}
	if s.takesPublished() {
		dir := filepath.Join(s.StateDir, publishedDir)
		if _, err := os.Lstat(dir); err == nil { // a link that leads nowhere is an error when it is read
			list = append(list, dir)
		}
	}
	return list
}

// takesPublished reports whether published rules matter to the gateway.
func (s *Settings) takesPublished() bool {
	return s.RulesShared && s.Inventory.Store != storeSQLite && s.StateDir != ""
}
