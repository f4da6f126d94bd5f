package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestStateDirIsPrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "state")
	if err := makeStateDir(dir); err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(dir); info.Mode().Perm() != 0o700 {
		t.Errorf("mode = %v, want 0700", info.Mode())
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := makeStateDir(dir); err == nil || !strings.Contains(err.Error(), "chmod 700") {
		t.Errorf("error = %v, want one that says what to do", err)
	}
}

func TestLockStateKeepsASecondGatewayOut(t *testing.T) {
	dir := t.TempDir()
	unlock, err := lockState(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lockState(dir); !errors.Is(err, errRunning) {
		t.Errorf("second lock: error = %v, want errRunning", err)
	}
	unlock()
	again, err := lockState(dir)
	if err != nil {
		t.Fatalf("after unlock: %v", err)
	}
	again()
}

func TestHashKeyStays(t *testing.T) {
	dir := t.TempDir()
	first, err := loadHashKey(dir)
	if err != nil {
		t.Fatal(err)
	}
	second, err := loadHashKey(dir)
	if err != nil || first != second {
		t.Errorf("the key changed between starts (error %v)", err)
	}
	if info, _ := os.Stat(filepath.Join(dir, hashKeyFile)); info.Mode().Perm() != 0o600 {
		t.Errorf("mode = %v, want 0600", info.Mode())
	}
	if err := os.WriteFile(filepath.Join(dir, hashKeyFile), []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := loadHashKey(dir); err == nil {
		t.Error("a damaged key was taken")
	}
}
