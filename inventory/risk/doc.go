// Package risk estimates the risk of using an AI service, by a method that is
// data (rules.RiskMethod). In: what was observed of one service, facts about its
// supplier, what controls did, what people overrode. Out: an Assessment that
// shows every input with its source and the threshold that it met; states of a
// Treatment; reasons for a new assessment. All functions are pure: no store, no
// clock, no I/O. They are safe for concurrent use.
//
// The arithmetic: likelihood L is the mean by weight of the levels of the
// exposure figures, rounded up; consequence C is that of the worst data class
// plus what supplier facts add, at most 5; inherent = L x C. A control lowers the
// likelihood by its measured effectiveness e, which is at most its cap and
// counts only if the control saw traffic: residual = ceil(L x product(1-e)) x C,
// which is never below 1 and never above inherent.
package risk
