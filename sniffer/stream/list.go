package stream

import (
	"math"
	"time"
)

// The lists that flows wait in for their end, longest unused last.
const (
	young uint8 = iota // no data yet: a port scan fills this one
	datagrams
	streams
	closed // ended and reported; kept so that stragglers don't open a new flow
	lists
)

// idle is how long a flow of each list may say nothing. A closed one lingers for
// as long as its last segments may be under way.
var idle = [lists]int64{
	young: int64(30 * time.Second), datagrams: int64(time.Minute),
	streams: int64(30 * time.Minute), closed: int64(5 * time.Second),
}

// list is a doubly linked list through the flows, by their index.
type list struct{ head, tail int32 }

const none int32 = -1

func (t *Table[T]) pushFront(i int32, which uint8) {
	f, l := t.at(i), &t.lists[which]
	f.list, f.prev, f.next, f.touched = which, none, l.head, t.packets
	if l.head != none {
		t.at(l.head).prev = i
	} else {
		l.tail = i
		t.wait(f)
	}
	l.head = i
}

func (t *Table[T]) unlink(i int32) {
	f := t.at(i)
	l := &t.lists[f.list]
	if f.prev != none {
		t.at(f.prev).next = f.next
	} else {
		l.head = f.next
	}
	if f.next != none {
		t.at(f.next).prev = f.prev
	} else if l.tail = f.prev; f.prev != none {
		t.wait(t.at(f.prev))
	}
}

// patience is after how many packets a flow goes to the front of its list again:
// the order need not be exact, and moving touches four flows.
const patience = 256

// touch notes that flow i was used, and belongs to the list which.
func (t *Table[T]) touch(i int32, which uint8) {
	f := t.at(i)
	if f.list == which && t.packets-f.touched < patience {
		return
	}
	t.unlink(i)
	t.pushFront(i, which)
}

// wait sees to it that expire is called when f, the last of its list, has been
// idle for long.
func (t *Table[T]) wait(f *Flow[T]) { t.due = min(t.due, f.last+idle[f.list]) }

// expire ends what has been idle for long. A few a packet are enough, since no
// packet opens more than one flow.
func (t *Table[T]) expire(now int64) {
	t.due = math.MaxInt64
	for which := range t.lists {
		for range 2 {
			i := t.lists[which].tail
			if i == none || now-t.at(i).last <= idle[which] {
				break
			}
			t.remove(i, Idle)
		}
		if i := t.lists[which].tail; i != none {
			t.wait(t.at(i))
		}
	}
}

// evict makes room: what matters least goes first.
func (t *Table[T]) evict() {
	i := t.lists[closed].tail
	if i == none {
		i = t.lists[young].tail
	}
	if i == none {
		i = t.lists[datagrams].tail
		if s := t.lists[streams].tail; i == none || s != none && t.at(s).last < t.at(i).last {
			i = s
		}
	}
	if t.at(i).list != closed {
		t.stats.Evicted++
	}
	t.remove(i, Evicted)
}
