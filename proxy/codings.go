package proxy

// Decode takes the content codings (a Content-Encoding value) off a body as the
// proxy does: at most limit bytes come out, cut says that there would be more.
// The error is an *traffic.UnreadError.
func Decode(encoding string, wire []byte, limit int) (plain []byte, cut bool, err error) {
	return decode(encoding, wire, limit)
}

// Encode puts the content codings on plain again.
func Encode(encoding string, plain []byte) ([]byte, error) { return encode(encoding, plain) }
