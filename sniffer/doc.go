// Package sniffer turns packets into what people do: which names they ask for,
// which AI services they talk to and how much, and what hides from us. In:
// frames of a capture.Source, a file or an interface; out, to a Sink:
// observations (each DNS question, each ClientHello that shows a name), flows
// (lookups and sessions) and blind spots.
//
// A frame goes through these steps, none of which allocates:
//
//	packet   headers, tunnels and fragments off: a TCP segment or UDP datagram
//	stream   its flow: who is the client, bytes each way, TCP in order
//	dns      questions; addresses of the answers, remembered in learned
//	hello    ClientHellos in TCP, however they are cut; quic: those in QUIC
//	session  a flow under its name, metered until its end
//
// A lookup counts once, whichever of A, AAAA and HTTPS, query and reply were
// seen. A session is reported at its end and every few minutes before that, each
// time with what is new. One whose name can't be read (no server name, an
// encrypted ClientHello, a capture that began in its midst) gets the name that
// its client was given the server's address for, when that is one AI service
// only, and says so (traffic.Flow.Guess).
//
// Frames go through these in chunks: look.go takes what each tells alone, which is
// most of DNS, and frames.go follows the rest in order. Parallel does the first for
// several chunks at once, on several cores, and gives the same (chunk.go).
//
// A session that looks like a stream of tokens (pace.go) carries that as a
// feature. It is a hint that is never acted upon: README.md says how often it is
// wrong.
//
// Every byte is hostile: all tables are bounded and say what they gave up, a
// fault in one packet costs that packet only. gopacket's decoders never see
// captured traffic, because a port or a length field of a packet can make them
// panic, pick the wrong protocol or ask for gigabytes; tests use them as a second
// opinion.
package sniffer
