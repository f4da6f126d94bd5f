package rules

import (
	"bufio"
	"io"
	"io/fs"
	"strconv"
	"strings"
)

// maxOwnHead bounds how much of a file of hashes is read for the names in it.
const maxOwnHead = 4 << 20

// ownNames returns the names under which the hashes of an overlay find the
// organisation's own data: those of tables (edm/*.edm) and of documents
// (fingerprints/*.fp). Policies may ask for them as for detectors. Files that are
// damaged are left to who reads all of them.
func ownNames(root fs.FS) (names []string) {
	tables, _ := fs.Glob(root, "edm/*.edm")
	for _, path := range tables {
		if head := headLines(root, path, func([]string) int { return 2 }); len(head) == 2 {
			names = append(names, head[1])
		}
	}
	prints, _ := fs.Glob(root, "fingerprints/*.fp")
	for _, path := range prints {
		head := headLines(root, path, func(head []string) int {
			if len(head) < 2 {
				return 2
			}
			documents, _, _ := strings.Cut(head[1], " ")
			n, err := strconv.Atoi(documents)
			if err != nil {
				return 2
			}
			return 2 + n
		})
		if len(head) > 2 {
			names = append(names, head[2:]...)
		}
	}
	return names
}

// headLines returns the first lines of a file, as many as want says by those
// read so far.
func headLines(root fs.FS, path string, want func(head []string) int) (head []string) {
	f, err := root.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	r := bufio.NewReader(io.LimitReader(f, maxOwnHead))
	for len(head) < want(head) {
		line, err := r.ReadString('\n')
		if err != nil {
			return nil
		}
		head = append(head, strings.TrimSuffix(line, "\n"))
	}
	return head
}
