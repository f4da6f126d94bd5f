// Package console is the window to a running gateway: a JSON API and a plain
// page on a TCP address, and the same API on a Unix socket for the commands on
// this machine. In: requests of administrators; out: rows of the register, and
// decisions into it.
//
// Who may: on the socket, whoever may open it (mode 0600). On the address, who
// has come through the one-time link that the gateway prints, and holds its
// cookie since. Names that are shown were chosen by strangers: everything goes
// through html/template, and the page's policy lets no script run but ours.
package console
