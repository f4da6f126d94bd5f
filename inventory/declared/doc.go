// Package declared compares what an organisation says it uses with what was
// seen. In: lists of what is approved (YAML, CSV), what was observed in a
// period, the standing of services. Out: differences, each with how often, by
// how many, when, and how well that was seen. It writes nothing.
package declared
