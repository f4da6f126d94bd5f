// Package whatif tries a changed policy on what was recorded. In: two sets of
// rules and sightings. Out: which of them would have been decided otherwise, by
// which rule, and what can't be told without the prompts, which nobody stored.
package whatif
