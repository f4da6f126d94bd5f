package dlp

// StepsOf returns the steps that the scan of a text takes, for tests that have
// the texts.
func StepsOf(s *Scanner, text []byte) int { return stepsOf(s, text) }

// MostSteps is what they may be for n bytes.
func MostSteps(n int) int { return stepsFree + stepsPerByte*n }

// IsKept reports whether h stays as it is.
func IsKept(h Hit) bool { return h.keep }
