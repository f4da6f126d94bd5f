// Package privacy keeps figures about groups from telling about a person, and
// says what is collected. In: counts of people, settings. Out: what of them may
// be shown; a data sheet in English or German.
package privacy
