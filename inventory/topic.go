package inventory

// Topic says what an entry of the ledger is about; it is the entry's Kind.
type Topic string

// The topics. The subject of an entry is in brackets.
const (
	TopicDecision  Topic = "decision"  // Decision [service]
	TopicUseCase   Topic = "use_case"  // what services are used for [id]
	TopicField     Topic = "field"     // a field of a register row that somebody filled in [row#field]
	TopicDeclared  Topic = "declared"  // a list of what is approved, as imported [name of the list]
	TopicRisk      Topic = "risk"      // override, treatment or acceptance [row]
	TopicTrigger   Topic = "trigger"   // a reason to assess a risk again [row]
	TopicStatement Topic = "statement" // of applicability [framework/control]
	TopicReveal    Topic = "reveal"    // who asked for the name behind a pseudonym, who allowed it [pseudonym]
	TopicRotation  Topic = "rotation"  // a new key of pseudonyms [generation]
	TopicDeletion  Topic = "deletion"  // what retention deleted [""]
	TopicSeal      Topic = "seal"      // of sightings [""]
	TopicPolicy    Topic = "policy"    // rules that came into force [hash]
	TopicSettings  Topic = "settings"  // settings that came into force [hash]
	TopicRuleFile  Topic = "rule_file" // text of an own rule file [its SHA-256]
	TopicRules     Topic = "rules"     // rules that were published for all gateways [""]
	TopicRulesUse  Topic = "rules_use" // what a gateway made of them [gateway]
	TopicAccess    Topic = "access"    // API tokens and roles [name of the token]
	TopicEvidence  Topic = "evidence"  // a pack that was handed out [period]
	TopicAlert     Topic = "alert"     // something a person must look at [what]
	TopicException Topic = "exception" // a request of an employee for an exception [service]
	TopicBackup    Topic = "backup"    // a copy that was made or put back [""]
	TopicKey       Topic = "key"       // a key of pseudonyms in place of a lost one [""]
)
