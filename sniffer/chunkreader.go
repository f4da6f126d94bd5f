package sniffer

import (
	"slices"

	"github.com/gnomon-proxy/gnomon/sniffer/capture"
)

// The size of a chunk that goes from one goroutine to another: enough that taking
// turns costs nothing by the packet, and so little that it stays in the cache of a
// processor.
const (
	chunkFrames = 512
	chunkBytes  = 128 << 10
)

// waiter is a source whose Next may wait long. Ready reports whether the next one
// will not.
type waiter interface{ Ready() bool }

// placed is a source that reads into the room that it is given, as capture.File does.
type placed interface {
	manyFrames
	Use(room []byte)
}

// chunkReader fills chunks. The frames of a file lie in the chunk, those of other
// sources are copied there.
type chunkReader struct {
	src  capture.Source
	file placed // nil: it is none
	wait waiter // nil: it waits for nothing
	err  error  // for the next time
}

func newChunkReader(src capture.Source) *chunkReader {
	r := &chunkReader{src: src}
	r.file, _ = src.(placed)
	r.wait, _ = src.(waiter)
	return r
}

// read fills c with one frame or more. It returns an error when there is none.
func (r *chunkReader) read(c *chunk) error {
	c.frames = c.frames[:0]
	if r.file != nil {
		r.file.Use(c.room[:cap(c.room)])
		n, err := r.file.Frames(c.frames[:cap(c.frames)])
		c.frames = c.frames[:n]
		c.odd = n > 0 && len(c.frames[0].Data) > mostFrames // it may lie elsewhere
		return err
	}
	for c.room = c.room[:0]; r.err == nil && r.goesOn(c); {
		f := &c.frames[:len(c.frames)+1][len(c.frames)]
		if r.err = r.src.Next(f); r.err == nil {
			c.add(f)
		}
	}
	if len(c.frames) > 0 {
		return nil
	}
	return r.err
}

// goesOn reports whether another frame is to be read into c.
func (r *chunkReader) goesOn(c *chunk) bool {
	switch {
	case len(c.frames) == 0:
		return true
	case c.odd || len(c.frames) == cap(c.frames) || cap(c.room)-len(c.room) < mostFrames:
		return false
	}
	return r.wait == nil || r.wait.Ready()
}

// mostFrames is the size of nearly all frames.
const mostFrames = 16 << 10

// add takes the frame behind the others, and a copy of its bytes. What is too big
// for the room that is left gets memory of its own.
func (c *chunk) add(f *capture.Frame) {
	if at := len(c.room); len(f.Data) <= cap(c.room)-at {
		c.room = append(c.room, f.Data...)
		f.Data = c.room[at:len(c.room):len(c.room)]
	} else {
		f.Data, c.odd = slices.Clone(f.Data), true
	}
	c.frames = c.frames[:len(c.frames)+1]
}

// clear forgets what one odd packet needed.
func (c *chunk) clear() {
	if c.odd {
		clear(c.frames[:cap(c.frames)])
		clear(c.items[:cap(c.items)])
		c.odd = false
	}
	c.frames, c.items = c.frames[:0], c.items[:0]
	if cap(c.answers) > maxKept {
		c.answers = nil
	}
	if cap(c.lines) > 2*maxLines {
		c.lines = nil
	}
	c.seen.reset()
}
