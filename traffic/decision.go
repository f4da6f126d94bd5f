package traffic

// Action is what the policy does with a request.
type Action string

// The actions, from the mildest to the strictest.
const (
	ActionAllow        Action = "allow"
	ActionAlert        Action = "alert"
	ActionCoach        Action = "coach"
	ActionPseudonymise Action = "pseudonymise"
	ActionRedact       Action = "redact"
	ActionBlock        Action = "block"
)

// Rank orders actions by strictness; an unknown action is the mildest.
func (a Action) Rank() int {
	switch a {
	case ActionAlert:
		return 1
	case ActionCoach:
		return 2
	case ActionPseudonymise:
		return 3
	case ActionRedact:
		return 4
	case ActionBlock:
		return 5
	}
	return 0
}

// FailMode says what happens to a request that can't be inspected or rewritten.
type FailMode string

// The fail modes.
const (
	FailOpen   FailMode = "open"
	FailClosed FailMode = "closed"
)

// Decision is what the policy says of one request.
type Decision struct {
	Action    Action
	Rule      string // name of the deciding policy rule, "" when none matched
	Reason    string // a sentence for the person whose request it is
	OnFailure FailMode
	Redact    []int   // indexes of the findings to replace, ascending
	Styles    []Style // how, by place in Redact; nil: as a placeholder
}

// Style returns how the finding Redact[k] is replaced.
func (d *Decision) Style(k int) Style {
	if k < len(d.Styles) {
		return d.Styles[k]
	}
	return ""
}

// Status is the standing of a service in the register.
type Status string

// The statuses.
const (
	StatusUnreviewed  Status = "unreviewed"
	StatusInReview    Status = "in_review"
	StatusApproved    Status = "approved"
	StatusConditional Status = "approved_with_conditions"
	StatusRefused     Status = "refused"
	StatusRetired     Status = "retired"
)

// Statuses lists all statuses.
func Statuses() []Status {
	return []Status{StatusUnreviewed, StatusInReview, StatusApproved, StatusConditional, StatusRefused, StatusRetired}
}
