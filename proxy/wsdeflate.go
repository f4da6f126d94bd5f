package proxy

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/flate"
)

// deflateWindow is the largest window of RFC 7692, section 7.1.2. Reading with
// it is right whatever smaller one was agreed on.
const deflateWindow = 32 << 10

// maxInflateRatio and freeInflate tell a bomb: what inflates to more than
// freeInflate bytes and to more than maxInflateRatio times its size.
const (
	maxInflateRatio = 100
	freeInflate     = 32 << 20
)

const extensionsHeader = "Sec-Websocket-Extensions"

// offerExtensions leaves in a handshake only the extensions that the relay can
// read: permessage-deflate (RFC 7692) with its four parameters. A header of
// which nothing has to go stays as it was sent.
func offerExtensions(h http.Header) {
	all, kept := 0, []string(nil)
	for _, value := range h[extensionsHeader] {
		for offer := range strings.SplitSeq(value, ",") {
			all++
			if _, err := parseDeflate(offer); err == nil && strings.TrimSpace(offer) != "" {
				kept = append(kept, strings.TrimSpace(offer))
			}
		}
	}
	switch {
	case len(kept) == all:
	case len(kept) == 0:
		delete(h, extensionsHeader)
	default:
		h[extensionsHeader] = []string{strings.Join(kept, ", ")}
	}
}

// deflateParams is an agreement on permessage-deflate; the zero value is none.
type deflateParams struct {
	on                         bool
	clientFresh, serverFresh   bool // each message of that side starts with an empty window
	clientWindow, serverWindow int  // bits, 0 where not given
}

var errExtension = errors.New("websocket: extension that can't be read")

// parseDeflate reads one offer or the agreed Sec-WebSocket-Extensions.
func parseDeflate(ext string) (p deflateParams, err error) {
	if strings.TrimSpace(ext) == "" {
		return p, nil
	}
	name, params, _ := strings.Cut(ext, ";")
	if !strings.EqualFold(strings.TrimSpace(name), "permessage-deflate") {
		return p, errExtension
	}
	p.on = true
	for params != "" {
		var param string
		param, params, _ = strings.Cut(params, ";")
		key, value, given := strings.Cut(param, "=")
		value = strings.Trim(strings.TrimSpace(value), `"`)
		switch strings.ToLower(strings.TrimSpace(key)) {
		case "client_no_context_takeover":
			err, p.clientFresh = refuseIf(given || p.clientFresh), true
		case "server_no_context_takeover":
			err, p.serverFresh = refuseIf(given || p.serverFresh), true
		case "client_max_window_bits":
			if p.clientWindow = 15; given {
				p.clientWindow, err = windowBits(value)
			}
		case "server_max_window_bits":
			p.serverWindow, err = windowBits(value)
		default:
			err = errExtension
		}
		if err != nil {
			return deflateParams{}, err
		}
	}
	return p, nil
}

func refuseIf(bad bool) error {
	if bad {
		return errExtension
	}
	return nil
}

func windowBits(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 8 || n > 15 || len(s) > 2 {
		return 0, errExtension
	}
	return n, nil
}

// wsInflater inflates the messages of one direction one after another.
type wsInflater struct {
	fresh  bool   // no context is kept between messages
	window []byte // the last bytes of the messages so far, at most deflateWindow

	src *inflateSource // of the message under way
	out int64          // bytes inflated of it
}

// deflateTail is what the sender left out at the end of a message (RFC 7692,
// section 7.2.2), then a final block, so that the reader sees an end.
const deflateTail = "\x00\x00\xff\xff\x01\x00\x00\xff\xff"

// inflateSource is the compressed message with its tail, and the flate reader
// on it. It is borrowed for as long as a message takes.
type inflateSource struct {
	payload io.Reader
	in      int64
	broken  error // of payload
	tail    string
	br      *bufio.Reader
	flate   io.ReadCloser
}

var inflateSources = sync.Pool{New: func() any {
	s := new(inflateSource)
	s.br = bufio.NewReaderSize(s, 8<<10)
	s.flate = flate.NewReader(s.br)
	return s
}}

func (s *inflateSource) Read(p []byte) (int, error) {
	if s.payload != nil {
		n, err := s.payload.Read(p)
		s.in += int64(n)
		if err != io.EOF {
			s.broken = err
			return n, err
		}
		s.payload = nil
		if n > 0 {
			return n, nil
		}
	}
	n := copy(p, s.tail)
	s.tail = s.tail[n:]
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// begin starts on a message with the given payload. Each begin wants an end.
func (i *wsInflater) begin(payload io.Reader) error {
	s := inflateSources.Get().(*inflateSource)
	s.payload, s.in, s.broken, s.tail = payload, 0, nil, deflateTail
	s.br.Reset(s)
	i.src, i.out = s, 0
	return i.restart()
}

func (i *wsInflater) restart() error {
	return i.src.flate.(flate.Resetter).Reset(i.src.br, i.window)
}

// end gives back what the message has borrowed.
func (i *wsInflater) end() {
	s := i.src
	i.src = nil
	s.payload = nil
	s.br.Reset(noBytes{})
	s.flate.(flate.Resetter).Reset(noBytes{}, nil)
	inflateSources.Put(s)
}

// Read reads the message inflated.
func (i *wsInflater) Read(p []byte) (int, error) {
	for {
		n, err := i.src.flate.Read(p)
		i.out += int64(n)
		if !i.fresh {
			i.remember(p[:n])
		}
		if i.out > freeInflate && i.out > maxInflateRatio*i.src.in {
			return 0, &wsError{closeTooBig, "message inflates too much"}
		}
		if n > 0 {
			if err == io.EOF {
				err = nil
			}
			return n, i.judge(err)
		}
		switch {
		case err == nil:
		case err != io.EOF:
			return 0, i.judge(err)
		case i.src.payload == nil && i.src.tail == "" && i.src.br.Buffered() == 0:
			return 0, io.EOF
		default: // a block was marked final within the message (RFC 7692, section 7.2.3.4)
			if err := i.restart(); err != nil {
				return 0, err
			}
		}
	}
}

// judge tells bad data from a connection that broke.
func (i *wsInflater) judge(err error) error {
	switch {
	case err == nil:
		return nil
	case i.src.broken != nil:
		return i.src.broken
	}
	return &wsError{closeBadData, "compressed data is damaged"}
}

// remember slides the window on.
func (i *wsInflater) remember(p []byte) {
	if i.window == nil {
		if len(p) == 0 {
			return
		}
		i.window = make([]byte, 0, deflateWindow)
	}
	if len(p) >= deflateWindow {
		i.window = append(i.window[:0], p[len(p)-deflateWindow:]...)
		return
	}
	if over := len(i.window) + len(p) - deflateWindow; over > 0 {
		i.window = i.window[:copy(i.window, i.window[over:])]
	}
	i.window = append(i.window, p...)
}
