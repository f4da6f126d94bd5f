package document

// read gives a file to the reader of its format. Each reader writes text and notes
// gaps; its error is a Reason that holds for the file.
func (w *walk) read(f Format, data []byte) error {
	switch f {
	case PlainText:
		w.plain(data)
		return nil
	case UTF16, UTF32:
		return w.wide(f, data)
	case HTML:
		return w.html(data)
	case CSV:
		return w.csv(data)
	case Mail:
		return w.mail(data)
	case Mailbox:
		return w.mailbox(data)
	case Notebook:
		return w.notebook(data)
	case RTF:
		return w.rtf(data)
	case PDF:
		return w.pdf(data)
	case Zip:
		return w.zip(data)
	case OLE:
		return w.ole(data)
	case Gzip, Bzip2, Zstd:
		return w.compressed(f, data)
	case Tar:
		return w.tar(data)
	}
	switch r := notRead(f); r {
	case "":
		if len(w.path) == 0 {
			w.raw(data)
		} else {
			w.strings(data)
		}
		return Binary
	case Image:
		return w.image(f, data)
	default:
		return r
	}
}

// plain takes text as it stands. Inside other files its lines are numbered.
func (w *walk) plain(data []byte) {
	if len(w.path) > 0 {
		w.enterPlace(part{unit: unitLine})
		w.span(1, 0)
	}
	w.raw(data)
}
