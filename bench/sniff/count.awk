# What an administrator would write: how often each client used each host of the
# list NAMES, and how many bytes came down, by columns named on the command line
# (-v host=7 -v client=3 -v down=5). It knows no format, time or user, and trusts
# each line.
BEGIN { while ((getline name < NAMES) > 0) ai[name] = 1 }

function known(h,    dot) {
	for (;;) {
		if (h in ai) return h
		if (!(dot = index(h, "."))) return ""
		h = substr(h, dot + 1)
	}
}

{
	h = $host
	if (url) { sub(/^[a-z]+:\/\//, "", h); sub(/[:\/].*/, "", h) }
	if ((s = known(h)) != "") {
		requests[s " " $client]++
		if (down) bytes[s " " $client] += $down
		all++
	}
}

END { for (k in requests) pairs++; print all + 0, pairs + 0 }
