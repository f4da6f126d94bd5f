package prompt

// shaped returns value if it has the shape of a model, an id or a name of a
// service, else nothing: what a client fills in freely ends in an inventory.
func shaped(value []byte) []byte {
	if len(value) > maxShape {
		return nil
	}
	for _, c := range value {
		if !isShape[c] {
			return nil
		}
	}
	return value
}

var isShape = table("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_.:/@+")

// isWord reports whether value can only be one word of an enumeration, such as
// "input_text" or "application/json": too short for a key or a number of anything.
func isWord(value []byte) bool {
	const longest, longestMixed, longestNumber = 32, 16, 8
	if len(value) > longest {
		return false
	}
	for _, c := range value {
		if !isEnum[c] || c <= 'Z' && c >= 'A' && len(value) > longestMixed || c <= '9' && c >= '0' && len(value) > longestNumber {
			return false
		}
	}
	return true
}

var isEnum = table("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_./$")

func table(chars string) (in [256]bool) {
	for i := range len(chars) {
		in[chars[i]] = true
	}
	return in
}
