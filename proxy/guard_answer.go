package proxy

import "bytes"

// Write implements net.Conn and looks for the answer to a request that may
// change the protocol.
//
// net/http's server answers requests one after another and reads no more than
// one byte of the next one before it has written an answer. Read awaits an
// answer from the moment that it has passed the last byte of the asking head,
// which never shares a read with an earlier request: so the first status line
// from there on is the one that counts.
func (g *headGuard) Write(p []byte) (int, error) {
	if g.await.Load() {
		g.watch(p)
	}
	return g.Conn.Write(p)
}

const statusLine = len("HTTP/1.1 200")

// watch decides before the answer is out, since the client may act on it at
// once.
func (g *headGuard) watch(p []byte) {
	g.status = append(g.status, p...)
	for len(g.status) >= statusLine {
		switch s := g.status; {
		case s[9] == '1' && (g.connect || string(s[9:12]) != "101"): // interim: the next one counts
			i := bytes.Index(s, []byte("\r\n\r\n"))
			if i < 0 {
				if len(s) > maxGuardedHead {
					g.decide(declined)
				}
				return
			}
			g.status = s[i+4:]
		case g.connect && s[9] == '2', !g.connect && s[9] == '1':
			g.decide(accepted)
			return
		default:
			g.decide(declined)
			return
		}
	}
}

func (g *headGuard) decide(answer int32) {
	g.status = nil
	g.await.Store(false)
	g.answer.Store(answer)
}
