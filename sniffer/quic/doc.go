// Package quic finds the ClientHello in QUIC traffic. In: UDP datagrams; out:
// the TLS message, for package hello.
//
// The first packets of a QUIC connection are encrypted with keys that anybody
// can derive from the connection id that the client chose (RFC 9001, section
// 5.2; RFC 9369 for version 2). A ClientHello with post-quantum keys takes more
// than one of them, and clients cut and shuffle it on purpose, so a Table keeps
// the connections of which only a part has been seen. It is bounded in entries,
// bytes and time, and nothing that fails to decrypt is kept.
//
// Who sends the ClientHello is the client, on whatever port. Only Initial
// packets from there are read: 0-RTT, Handshake, Retry, version negotiation,
// short headers and what servers send pass by.
package quic
