package testnet

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// LeakedKey is a made-up key that a stand-in says when it is told to leak: what
// a service sends is scanned too.
const LeakedKey = "AKIAZ7Q4MNPLK3WXR2TJ"

// realtime speaks OpenAI's realtime protocol over WebSocket as far as a proxy
// sees it: JSON text messages both ways. Each message is answered with one that
// repeats it.
func (c *call) realtime() {
	opt := &websocket.AcceptOptions{InsecureSkipVerify: true, Subprotocols: []string{"realtime"}} // any origin: no cookies here
	if c.r.URL.Query().Get("deflate") != "" {
		opt.CompressionMode = websocket.CompressionContextTakeover
	}
	ws, err := websocket.Accept(c.w, c.r, opt)
	if err != nil {
		return
	}
	defer ws.CloseNow()
	ws.SetReadLimit(16 << 20)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	c.say(ctx, ws, object{"type": "session.created", "session": object{"model": c.r.URL.Query().Get("model")}})
	for {
		kind, data, err := ws.Read(ctx)
		if err != nil {
			if websocket.CloseStatus(err) == -1 {
				c.log.hungUp()
			}
			return
		}
		c.log.add(Received{
			Time: time.Now(), Host: c.host, Proto: "websocket", Remote: c.r.RemoteAddr,
			Method: kind.String(), URI: c.r.RequestURI, Body: data,
		})
		answer := object{"type": "conversation.item.created", "heard": string(data)}
		var v struct{ Type string }
		if json.Unmarshal(data, &v) == nil && v.Type == "response.create" {
			answer = object{"type": "response.output_text.done", "text": "You said: " + string(data)}
		}
		if strings.Contains(string(data), "please leak") {
			answer["leak"] = LeakedKey
		}
		if kind == websocket.MessageBinary {
			err = ws.Write(ctx, kind, data)
		} else {
			err = c.say(ctx, ws, answer)
		}
		if err != nil {
			return
		}
	}
}

func (c *call) say(ctx context.Context, ws *websocket.Conn, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return ws.Write(ctx, websocket.MessageText, b)
}
