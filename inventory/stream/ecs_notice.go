package stream

import (
	"slices"

	"github.com/gnomon-proxy/gnomon/inventory/notice"
)

// ecsSorts are the category and the type of changes, by what they are about;
// those of all others are a change of configuration.
var ecsSorts = map[notice.Object][2]string{
	notice.ObjectPerson: {"iam", "info"}, notice.ObjectToken: {"iam", "admin"}, notice.ObjectException: {"iam", "change"},
	notice.ObjectStore: {"database", "change"}, notice.ObjectEvidence: {"database", "access"},
}

func ecsNotice(r *Record) m {
	n := r.Notice
	o := m{"@timestamp": n.Time.UTC().Format(ecsTime), "ecs": m{"version": ecsVersion}, "message": n.Text}
	sort, known := ecsSorts[n.Object]
	if !known {
		sort = [2]string{"configuration", "change"}
	}
	kind, action, outcome, who := "event", string(n.Topic), "success", n.By
	if n.Event != action {
		action += "-" + n.Event
	}
	if n.Alert { // it is about what was seen, not a change of anything
		kind, action, outcome, who = "alert", n.Event, "unknown", ""
		sort = [2]string{"intrusion_detection", "info"}
		o.set("rule.name", n.Title)
		if len(n.Users) == 1 {
			who = n.Users[0]
		}
	}
	o["event"] = m{
		"id": n.ID, "kind": kind, "category": []string{sort[0]}, "type": []string{sort[1]}, "action": action, "outcome": outcome,
		"module": "gnomon", "dataset": "gnomon." + string(r.kind()), "severity": ecsSeverity[r.level()], "sequence": n.Entry,
	}
	ecsObserver(o, r.From)
	o.set("observer.type", "proxy")
	o.set("user.id", who)
	o.set("related.user", unique(append([]string{who}, n.Users...)))
	o.set("gnomon.topic", string(n.Topic))
	o.set("gnomon.object", string(n.Object))
	o.set("gnomon.about", n.About)
	o.set("gnomon.services", n.Services)
	o.set("gnomon.users", n.Users)
	return o
}

// unique returns what list holds, once each, without what is empty.
func unique(list []string) []string {
	slices.Sort(list)
	return slices.DeleteFunc(slices.Compact(list), func(s string) bool { return s == "" })
}
