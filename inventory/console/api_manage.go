package console

import (
	"net/http"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/console/access"
)

type pinList struct {
	Pinned []Pin  `json:"pinned"`
	Next   string `json:"next"`
}

func (s *Server) pinned(c *call, _ none) (out pinList, err error) {
	var pins []Pin
	if s.cfg.Pinned != nil {
		pins = s.cfg.Pinned()
	}
	out.Pinned, out.Next, err = page(c, pins, func(p *Pin) string { return p.Client + "\x00" + p.Host })
	return out, err
}

type reloaded struct {
	Reloaded bool `json:"reloaded"`
}

func (s *Server) reload(c *call, _ none) (reloaded, error) {
	if s.cfg.Reload == nil {
		return reloaded{}, absent("rules that it reloads")
	}
	s.cfg.Log.Info("reload asked for", "by", c.who.Name)
	if err := s.cfg.Reload(); err != nil { // names file, line and column
		return reloaded{}, &statusError{http.StatusUnprocessableEntity, "nothing was changed: " + err.Error()}
	}
	return reloaded{true}, nil
}

// Stream is how a stream of events to another system is.
type Stream struct {
	Name     string `json:"name"`
	Queued   int64  `json:"queued"`
	Sent     int64  `json:"sent"`
	Dropped  int64  `json:"dropped"`
	Refused  int64  `json:"refused"`
	Failures int64  `json:"failures"`
	Damaged  int64  `json:"damaged"`
	Bytes    int64  `json:"bytes"`
	Ailing   bool   `json:"ailing"` // the last delivery failed
}

type streamList struct {
	Streams []Stream `json:"streams"`
	Next    string   `json:"next"`
}

func (s *Server) streams(c *call, _ none) (out streamList, err error) {
	var list []Stream
	if s.cfg.Streams != nil {
		list = s.cfg.Streams()
	}
	out.Streams, out.Next, err = page(c, list, func(one *Stream) string { return one.Name })
	return out, err
}

type tokenList struct {
	Tokens []access.Token `json:"tokens"`
	Next   string         `json:"next"`
}

func (s *Server) listTokens(c *call, _ none) (out tokenList, err error) {
	list, err := access.List(c.book, time.Now())
	if err != nil {
		return out, err
	}
	out.Tokens, out.Next, err = page(c, list, func(t *access.Token) string { return t.Name })
	return out, err
}

// newToken is a token as it is asked for.
type newToken struct {
	Name  string      `json:"name"`
	Role  access.Role `json:"role"`
	Until string      `json:"until"` // last day, YYYY-MM-DD; "": without end
}

// madeToken is the only answer that holds a token.
type madeToken struct {
	Name  string `json:"name"`
	Token string `json:"token"`
}

func (s *Server) createToken(c *call, in newToken) (madeToken, error) {
	secret, err := access.Create(c.ctx(), s.cfg.Inventory, c.who.Name, in.Name, in.Role, in.Until, time.Now())
	return madeToken{in.Name, secret}, err
}

type revocation struct {
	Reason string `json:"reason"`
}

type revoked struct {
	Revoked bool `json:"revoked"`
}

func (s *Server) revokeToken(c *call, in revocation) (revoked, error) {
	return revoked{true}, access.Revoke(c.ctx(), s.cfg.Inventory, c.who.Name, c.path("name"), in.Reason)
}

// backup sends a copy of the inventory. It is written to a file first: an error
// is an answer, not half a copy.
func (s *Server) backup(c *call, w http.ResponseWriter) error {
	if s.cfg.Backup == nil {
		return absent("backup over the API")
	}
	done, err := s.alone()
	if err != nil {
		return err
	}
	defer done()
	f, err := s.cfg.Backup(c.ctx(), c.who.Name)
	if err != nil {
		return err
	}
	defer f.Close()
	return sendFile(w, f, "application/gzip", "gnomon-backup-"+time.Now().UTC().Format("20060102T150405Z")+".tgz")
}
