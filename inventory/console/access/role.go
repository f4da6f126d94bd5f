package access

import "slices"

// Role says what somebody may do.
type Role string

// The roles.
const (
	Viewer   Role = "viewer"   // sees services, not people
	Reviewer Role = "reviewer" // sees all that is used and by which pseudonym, and decides
	Auditor  Role = "auditor"  // sees everything, with the ledger and evidence, and changes nothing
	Admin    Role = "admin"    // may do all
)

// Roles lists all roles.
func Roles() []Role { return []Role{Viewer, Reviewer, Auditor, Admin} }

// Right is one thing that a role may allow.
type Right string

// The rights.
const (
	Read   Right = "read"   // services and figures
	People Right = "people" // lists of pseudonyms, keys and departments
	Decide Right = "decide" // decisions, fields, risk, statements
	Audit  Right = "audit"  // the ledger, evidence, who has access
	Manage Right = "manage" // tokens, reload, backup
)

// rights lists what each role may do.
var rights = map[Role][]Right{
	Viewer:   {Read},
	Reviewer: {Read, People, Decide},
	Auditor:  {Read, People, Audit},
	Admin:    {Read, People, Decide, Audit, Manage},
}

// Has reports whether the role allows something. An unknown role allows nothing.
func (r Role) Has(what Right) bool { return slices.Contains(rights[r], what) }

// Known reports whether r is a role.
func (r Role) Known() bool { return rights[r] != nil }
