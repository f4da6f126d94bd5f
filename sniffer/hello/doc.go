// Package hello reads TLS and DTLS ClientHellos: what a client says in clear
// text before everything else is encrypted. In: bytes of a TCP stream, of a
// datagram, or the message that package quic puts together; out: the server
// name, protocols, Encrypted Client Hello, and the JA4 fingerprint.
//
//	Search  finds a ClientHello in a TCP stream, wherever it starts and
//	        however it is cut into records (STARTTLS, SOCKS, CONNECT, ...)
//	DTLS    finds one in a UDP datagram
//	Parse   reads the message that these return
//
// Nothing here keeps state between connections or allocates in the common case,
// and every length that the wire states is checked against what is there.
package hello
