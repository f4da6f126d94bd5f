// Package overlay makes one piece of data of a folder of rules, as gateways of one
// inventory give it to each other. In: a folder, or what Encode has made of one;
// out: its files, bounded and in the order of their names, and a folder again.
package overlay
