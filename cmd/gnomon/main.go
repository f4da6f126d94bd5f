// Gnomon shows an organisation which AI services it uses and keeps sensitive
// data out of the prompts.
package main

func main() {}
