// Package dns reads DNS messages of hostile origin (RFC 1035, RFC 6891, RFC
// 9460, RFC 9849). In: the bytes of one message, without the length that TCP
// puts before it; out: its header, its questions, and, for who asks, the
// addresses and services that a reply gives for the asked name, or a Reason.
//
//	r := m.Reset(b)
//	for r == dns.Fine {
//		var ok bool
//		if ok, r = m.Next(); !ok {
//			break
//		}
//		use(m.Name, m.Type)
//	}
//	if m.Reply {
//		r = m.Records()
//		use(m.Addresses, m.Services)
//	}
//
// A Message is decoded into again and again and never allocates. What can be
// read stays readable: a question counts though the answers are broken, an
// address though the one after it is. Work and memory are bounded: a pointer
// leads backwards only, at most maxHops of them make a name, at most
// MaxQuestions questions and maxRecords records are kept.
//
// Describe is for showing a message to a person; it uses miekg/dns, which also
// is the second opinion of the tests. It is not for the path of packets.
package dns
