package main

import (
	"io"
	"net"
	"net/http"
)

// tunnel is a proxy that leads every CONNECT to the stand-ins: the way without
// a gateway, to compare with.
type tunnel struct {
	srv *http.Server
	ln  net.Listener
}

func startTunnel(to string) (*tunnel, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	t := &tunnel{ln: ln, srv: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		up, err := net.Dial("tcp", to)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer up.Close()
		w.WriteHeader(http.StatusOK)
		c, buf, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer c.Close()
		go func() {
			io.Copy(up, buf)
			up.Close()
		}()
		io.Copy(c, up)
	})}}
	go t.srv.Serve(ln)
	return t, nil
}

func (t *tunnel) Addr() string { return t.ln.Addr().String() }
func (t *tunnel) Close()       { t.srv.Close() }
