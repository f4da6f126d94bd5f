package rules

// EvidenceQuery names something that the program records and can hand out as
// evidence. The set is closed: each is answered by code, so rule files can only
// refer to it.
type EvidenceQuery string

// The queries.
const (
	EvidenceRegister     EvidenceQuery = "register"
	EvidenceModels       EvidenceQuery = "models"
	EvidenceClients      EvidenceQuery = "clients"
	EvidenceData         EvidenceQuery = "data_classes"
	EvidenceUploads      EvidenceQuery = "uploads"
	EvidenceTuning       EvidenceQuery = "tuning_uploads"
	EvidenceSuppliers    EvidenceQuery = "suppliers"
	EvidenceOwners       EvidenceQuery = "owners"
	EvidenceDecisions    EvidenceQuery = "decisions"
	EvidenceEnforcement  EvidenceQuery = "enforcement"
	EvidenceRedactions   EvidenceQuery = "redactions"
	EvidenceBlocks       EvidenceQuery = "blocks"
	EvidenceDrift        EvidenceQuery = "declared_observed"
	EvidencePolicies     EvidenceQuery = "policy_history"
	EvidenceConfig       EvidenceQuery = "config_changes"
	EvidenceCoaching     EvidenceQuery = "coaching"
	EvidenceConcerns     EvidenceQuery = "concerns"
	EvidenceEvents       EvidenceQuery = "events"
	EvidenceRetention    EvidenceQuery = "retention"
	EvidenceDeletions    EvidenceQuery = "deletions"
	EvidenceUsage        EvidenceQuery = "usage"
	EvidenceIncidents    EvidenceQuery = "incidents"
	EvidenceMetrics      EvidenceQuery = "metrics"
	EvidenceRisks        EvidenceQuery = "risks"
	EvidenceTriggers     EvidenceQuery = "triggers"
	EvidenceCatalogue    EvidenceQuery = "catalogue"
	EvidenceAccess       EvidenceQuery = "access"
	EvidencePseudonyms   EvidenceQuery = "pseudonyms"
	EvidenceAlerts       EvidenceQuery = "alerts"
	EvidenceClock        EvidenceQuery = "clock"
	EvidenceBypass       EvidenceQuery = "bypass"
	EvidenceKeys         EvidenceQuery = "keys"
	EvidenceCoverage     EvidenceQuery = "coverage"
	EvidenceManifests    EvidenceQuery = "manifests"
	EvidenceReassessment EvidenceQuery = "reassessments"
)

// evidence says what each query counts.
var evidence = []struct {
	query EvidenceQuery
	text  string
}{
	{EvidenceRegister, "AI services in the register, with first and last sighting"},
	{EvidenceModels, "models seen"},
	{EvidenceClients, "client tools recognised: SDK, IDE, agent, command line"},
	{EvidenceData, "services to which sensitive data classes were seen leaving"},
	{EvidenceUploads, "requests with uploaded files"},
	{EvidenceTuning, "uploads to fine-tuning and file endpoints"},
	{EvidenceSuppliers, "suppliers derived from traffic"},
	{EvidenceOwners, "services with a named owner"},
	{EvidenceDecisions, "decisions on services: who, when, why, until when"},
	{EvidenceEnforcement, "requests on which the policy acted"},
	{EvidenceRedactions, "requests redacted or pseudonymised"},
	{EvidenceBlocks, "requests blocked"},
	{EvidenceDrift, "differences between what is declared and what is observed"},
	{EvidencePolicies, "versions of the policy, with who changed it"},
	{EvidenceConfig, "recorded changes of the configuration"},
	{EvidenceCoaching, "notices shown to users"},
	{EvidenceConcerns, "concerns reported through the notice page"},
	{EvidenceEvents, "events in the hash-chained log"},
	{EvidenceRetention, "retention rules in force"},
	{EvidenceDeletions, "recorded deletions"},
	{EvidenceUsage, "requests to AI services over time"},
	{EvidenceIncidents, "incident records"},
	{EvidenceMetrics, "metrics with a target"},
	{EvidenceRisks, "entries of the risk register"},
	{EvidenceTriggers, "events that call for a new assessment"},
	{EvidenceCatalogue, "services, detectors and signals in the catalogue in force"},
	{EvidenceAccess, "rules that say who may use what"},
	{EvidencePseudonyms, "people recorded by pseudonym"},
	{EvidenceAlerts, "alerts raised"},
	{EvidenceClock, "checks of the clock"},
	{EvidenceBypass, "destinations that pass uninspected by policy"},
	{EvidenceKeys, "keys and certificates of the gateway, with their age"},
	{EvidenceCoverage, "flows by how much of them was seen"},
	{EvidenceManifests, "signed evidence packs"},
	{EvidenceReassessment, "assessments made in the period"},
}

// EvidenceQueries returns every query.
func EvidenceQueries() []EvidenceQuery {
	out := make([]EvidenceQuery, len(evidence))
	for i := range evidence {
		out[i] = evidence[i].query
	}
	return out
}

// Text says what q counts, "" when there is no such query.
func (q EvidenceQuery) Text() string {
	for i := range evidence {
		if evidence[i].query == q {
			return evidence[i].text
		}
	}
	return ""
}
