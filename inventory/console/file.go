package console

import (
	"io"
	"net/http"
	"os"
	"strconv"
	"time"
)

// sendWithin bounds how long a client may take for a big answer.
const sendWithin = 30 * time.Minute

// sendFile sends a whole file as a download.
func sendFile(w http.ResponseWriter, f *os.File, media, name string) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	send(w, f, info.Size(), media, name)
	return nil
}

// send sends a download.
func send(w http.ResponseWriter, body io.Reader, size int64, media, name string) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(sendWithin)) // else the server's own holds
	h := w.Header()
	h.Set("Content-Type", media)
	h.Set("Content-Length", strconv.FormatInt(size, 10))
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_, _ = io.Copy(w, body) // a client that has gone sees that it is too short
}
