// Package keys notices API keys that leak: in go sightings as they are kept, out
// come alerts on the keys that were used and also stood in a prompt, whichever
// came first.
//
// It compares keyed hashes alone. No key is ever known to it.
package keys
