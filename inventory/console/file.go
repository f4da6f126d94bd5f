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
func sendFile(w http.ResponseWriter, r *http.Request, f *os.File, media, name string) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(sendWithin)) // else the server's own holds
	h := w.Header()
	h.Set("Content-Type", media)
	h.Set("Content-Length", strconv.FormatInt(info.Size(), 10))
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_, _ = io.Copy(w, f) // a client that has gone sees that it is too short
	return nil
}
