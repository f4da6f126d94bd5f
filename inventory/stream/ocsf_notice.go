package stream

import (
	"slices"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/notice"
)

// The classes of notices: an alert is a detection, a change one of an entity.
const (
	entityManagement = 3004
	detectionFinding = 2004
)

// The activities of Entity Management.
const (
	entityCreate = 1
	entityRead   = 2
	entityUpdate = 3
	entityDelete = 4
)

// ocsfActivities are the activities of changes by topic and what happened; "" stands
// for whatever else happened, and all others are updates.
var ocsfActivities = map[inventory.Topic]map[string]int{
	inventory.TopicAccess:    {"created": entityCreate, "revoked": entityDelete},
	inventory.TopicException: {"requested": entityCreate},
	inventory.TopicReveal:    {"shown": entityRead},
	inventory.TopicDeletion:  {"": entityDelete},
	inventory.TopicEvidence:  {"": entityRead},
	inventory.TopicBackup:    {"": entityRead},
}

func ocsfNotice(r *Record) m {
	if r.Notice.Alert {
		return ocsfDetection(r)
	}
	return ocsfChange(r)
}

// ocsfDetection is the Detection Finding of an alert.
func ocsfDetection(r *Record) m {
	n := r.Notice
	o := ocsfBase(r, detectionFinding, 1, []string{}) // create
	o["status_id"] = 1                                // new
	o["is_alert"] = true
	o["finding_info"] = m{"uid": n.ID, "title": n.Title, "desc": n.Text, "types": []string{r.class()}, "created_time": n.Time.UnixMilli()}
	resources := []m{}
	if n.About != "" && !slices.Contains(n.Services, n.About) {
		resources = append(resources, m{"uid": n.About, "type": string(n.Object)})
	}
	for _, id := range n.Services {
		if id != "" {
			resources = append(resources, m{"uid": id, "type": "AI service"})
		}
	}
	if len(resources) > 0 {
		o["resources"] = resources
	}
	o["unmapped"] = ocsfLeft(n)
	return o
}

// ocsfChange is the Entity Management event of a change.
func ocsfChange(r *Record) m {
	n := r.Notice
	activities := ocsfActivities[n.Topic]
	activity, ok := activities[n.Event]
	if !ok {
		activity, ok = activities[""]
	}
	if !ok {
		activity = entityUpdate
	}
	o := ocsfBase(r, entityManagement, activity, []string{})
	o["status_id"] = 1 // it has come about
	o["actor"] = m{"app_name": r.From.Product}
	if inventory.IsPseudonym(n.By) {
		o["actor"] = m{"user": m{"uid": n.By, "type_id": 1}}
	} else if n.By != "" {
		o["actor"] = m{"user": m{"name": n.By, "type_id": 0}}
	}
	o["entity"] = ocsfEntity(n)
	o["unmapped"] = ocsfLeft(n)
	return o
}

// ocsfEntity is what a change is of: of a type that OCSF knows, or called by our
// word.
func ocsfEntity(n *notice.Notice) m {
	o := m{"name": string(n.Object), "type": string(n.Object), "type_id": ocsfOther}
	o.set("uid", n.About)
	switch n.Object {
	case notice.ObjectPerson:
		o["type"], o["type_id"] = "User", 2
		if n.About != "" {
			o["user"] = m{"uid": n.About, "type_id": 1}
		}
	case notice.ObjectPolicy:
		o["type"], o["type_id"] = "Policy", 5
		if n.About != "" {
			o["policy"] = m{"uid": n.About}
		}
	}
	return o
}

// ocsfLeft keeps what the schema has no attribute for.
func ocsfLeft(n *notice.Notice) m {
	u := m{"topic": string(n.Topic), "event": n.Event, "ledger_entry": n.Entry}
	u.set("services", n.Services)
	u.set("users", n.Users)
	return u
}
