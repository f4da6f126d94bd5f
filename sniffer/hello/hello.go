package hello

// Hello is what a ClientHello says. It is parsed into again and again; its
// slices point into the message and are valid as long as that is.
type Hello struct {
	// Legacy is the version field, which TLS 1.3 froze at 0x0303. For DTLS it
	// counts down from 0xfeff.
	Legacy uint16

	// ServerName is the first host name of the server_name extension, as it was
	// sent; nil if there is none. AppendName makes it printable.
	ServerName []byte

	// HasServerName says that there was a server_name extension, were it empty.
	HasServerName bool

	// ECH says whether the hello carries Encrypted Client Hello. Chrome and
	// Firefox send a meaningless one (GREASE) to every server, which looks
	// exactly like a real one, in which case ServerName is not the server that
	// is really asked for. ECHConfig is its config_id, which a real one takes
	// from the server's published configuration.
	ECH       ECH
	ECHConfig uint8

	// Grease says that the client offers reserved values (RFC 8701), as
	// Chromium and Apple do.
	Grease bool

	// DTLS says that the message has the form of DTLS.
	DTLS bool

	// Truncated says that the message was cut, which only ParsePartial allows:
	// what stood behind the cut is missing.
	Truncated bool

	session    int    // length of the session id
	ciphers    []byte // cipher suites, two bytes each
	extensions []byte // the extensions, without the length in front
	versions   []byte // supported_versions, two bytes each; nil if not sent
	protocols  []byte // ALPN, each with a length byte in front; nil if not sent
	sigAlgs    []byte // signature_algorithms, two bytes each
	seen       seen
}

// ECH is the kind of Encrypted Client Hello (RFC 9849) that a hello carries.
type ECH uint8

// The kinds.
const (
	ECHNone  ECH = iota
	ECHOuter     // a public name in clear, the real one encrypted; or GREASE
	ECHInner     // the decrypted form, which should never be seen on a wire
	ECHDraft     // a draft of ECH, or ESNI, its forerunner
)

// Error says why a message is not a ClientHello. The set is closed.
type Error uint8

// The errors.
const (
	ErrShort     Error = iota + 1 // the message ends before the length that it states
	ErrType                       // a handshake message of another type
	ErrVersion                    // a version that neither TLS nor DTLS ever had
	ErrLength                     // a vector that doesn't fit, or bytes left over
	ErrExtension                  // an extension that contradicts itself or comes twice
	errorCount
)

var errorNames = [errorCount]string{"", "hello_short", "hello_type", "hello_version", "hello_length", "hello_extension"}

// Error returns the name of e as metrics and reports show it.
func (e Error) Error() string {
	if e >= errorCount {
		return "hello_unknown"
	}
	return errorNames[e]
}
