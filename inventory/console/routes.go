package console

import (
	"crypto/sha256"
	"crypto/subtle"
	"embed"
	"html/template"
	"io/fs"
	"net/http"

	"github.com/gnomon-proxy/gnomon/inventory/console/access"
)

//go:embed assets
var assets embed.FS

// doors are the two ways in.
type doors struct {
	network http.Handler // needs a token or a session
	local   http.Handler // the Unix socket: who can open it may do all
}

// routes lists the operations of the API. GETs that change nothing need no more
// than to read; all others are on record with who asked.
func routes() []route {
	final := param{name: "final", kind: kindWord, words: []string{"yes", "no"}, about: "yes: only when nothing is missing, else 409 says what is"}
	since := param{name: "since", kind: kindDay, about: "look at what was seen from this day on (the first of a month for a viewer); without it 90 days ago"}
	ledger := []param{
		{name: "after", kind: kindNumber, max: 1 << 53, about: "entries after this seq"},
		{name: "limit", kind: kindNumber, max: maxLimit, about: "how many entries; 0: as many as without it (1000)"},
		{name: "topic", kind: kindText, about: "only entries of this kind"},
		{name: "subject", kind: kindText, about: "only entries on this subject"},
	}
	top := paged(param{name: "top", kind: kindNumber, max: maxLimit, about: "only so many, the most used, in that order"})
	return []route{
		operation("GET", "/status", access.Read, "How the gateway is", (*Server).status),
		operation("GET", "/me", access.Read, "Who asks, and with which role", (*Server).me),
		stream("GET", "/openapi.json", access.Read, "This description", "application/json", func(s *Server, c *call, w http.ResponseWriter) error { return s.document(c, w) }),

		operation("GET", "/services", access.Read, "AI services that were seen or decided upon", (*Server).services, serviceFilters()...),
		operation("GET", "/services/{name}", access.Read, "All about one service, by name or id; without lists of people for a viewer", (*Server).service),
		operation("POST", "/services/{name}/decision", access.Decide, "Approve, refuse, review or retire a service; the next request sees it", (*Server).decide),
		imports(operation("POST", "/decisions", access.Decide, "Decide on many services at once: all of it or nothing", (*Server).decideAll)),
		operation("GET", "/services/{name}/register", access.People, "The rows of a service in the register: every field with where it is from", (*Server).registerOf),
		operation("PUT", "/services/{name}/fields", access.Decide, "Fill in fields of a service in the register", (*Server).setFields),
		operation("GET", "/services/{name}/history", access.People, "All that is on record on a service: decisions, fields, use cases, risk", (*Server).history, paged()...),
		operation("GET", "/register", access.People, "The register: a row for each service and use case, every field with where it is from; pages are of services", (*Server).register, pagedServices()...),
		operation("GET", "/fields", access.Read, "The fields of the register, and which of them people fill in", (*Server).fields),
		imports(operation("POST", "/fields", access.Decide, "Fill in fields of many rows of the register: all of it or nothing", (*Server).setRows)),
		operation("GET", "/use-cases", access.Read, "What services are used for", (*Server).useCases, paged()...),
		operation("PUT", "/use-cases/{id}", access.Decide, "Add a use case, or change the one of that id", (*Server).setUseCase),
		operation("POST", "/use-cases/{id}/retirement", access.Decide, "Retire a use case: its rows leave the register", (*Server).retireUseCase),
		operation("GET", "/accounts", access.People, "Accounts that were used at services; pages are of services", (*Server).accounts, pagedServices(param{name: "service", kind: kindText, about: "only those of this service"})...),
		operation("GET", "/suppliers", access.Read, "Who runs the services of the register", (*Server).suppliers, paged()...),
		stream("GET", "/tables/{table}", access.Read, "A table for a spreadsheet: services, register, risks, drift, suppliers, statement, models, tools, servers, agents, accounts, keys, users, departments", mediaCSV+" "+mediaXLSX+" "+mediaJSON, (*Server).table, tableParams...),
		stream("GET", "/blocklists/{format}", access.Read, "Services that are not allowed, for another gateway: hosts, pac, squid, nftables, rpz, adguard", mediaText, (*Server).blockList, blockParams...),
		operation("GET", "/blind", access.Read, "What hid the traffic of clients", (*Server).blind, paged()...),
		operation("GET", "/subjects/{kind}", access.Read, "Users, clients, keys, groups (people), models, agents, tools, MCP servers", (*Server).subjects, top...),
		operation("GET", "/subjects/{kind}/{name}", access.Read, "All about one subject", (*Server).subject),

		operation("GET", "/declared", access.Read, "Lists of what is approved", (*Server).listDeclared, paged()...),
		imports(operation("PUT", "/declared/{name}", access.Decide, "Put a list of what is approved in the place of the one of this name", (*Server).declare)),
		operation("GET", "/drift", access.Read, "How use differs from what is declared and approved", (*Server).drift, paged(since)...),

		operation("GET", "/risks", access.Read, "The risk register", (*Server).listRisks, paged(riskParams...)...),
		operation("GET", "/risks/{name}", access.Read, "Every input of a service's risk, its controls and its treatment", (*Server).showRisk, riskParams...),
		operation("POST", "/risks/{name}/override", access.Decide, "Put a value in place of a computed one, or withdraw it", (*Server).overrideRisk, riskParams...),
		operation("PUT", "/risks/{name}/treatment", access.Decide, "Say what is done about a risk", (*Server).treatRisk, riskParams...),
		operation("PUT", "/risks/{name}/acceptance", access.Decide, "Accept the residual risk: a named person, until a day", (*Server).acceptRisk, riskParams...),
		operation("POST", "/risks/{name}/assessment", access.Decide, "Put on record that a service was assessed as it is now", (*Server).assessRisk, riskParams...),
		operation("GET", "/triggers", access.Read, "Services that must be assessed again, and why", (*Server).triggers, paged(riskParams...)...),
		operation("GET", "/figures", access.Read, "Figures for the management, each with its formula", (*Server).figures, riskParams...),

		operation("GET", "/frameworks", access.Read, "Standards and laws that controls come from", (*Server).frameworks),
		operation("GET", "/frameworks/{framework}", access.Read, "The controls of a framework, and what of them the record shows", (*Server).framework),
		operation("GET", "/queries", access.Read, "What the record can be asked, as evidence of a control", (*Server).queries),
		operation("GET", "/statements/{framework}", access.Read, "The statement of applicability", (*Server).statement, append([]param{final}, riskParams...)...),
		operation("PUT", "/statements/{framework}/{control}", access.Decide, "State whether a control applies, and why", (*Server).state),

		imports(operation("POST", "/replays", access.Decide, "Try changed rules on what was recorded; nothing changes", (*Server).replay)),
		operation("GET", "/rules/published", access.Audit, "Rules that are published for all gateways, and what each gateway made of them", (*Server).published),
		imports(operation("PUT", "/rules/published", access.Manage, "Publish rules for all gateways: they are checked first, and each gateway takes all of them within a second", (*Server).publish)),
		operation("POST", "/rules/published/withdrawal", access.Manage, "Withdraw the published rules: gateways go on with their own", (*Server).withdraw),
		operation("GET", "/streams", access.Read, "Streams of events to other systems", (*Server).streams, paged()...),
		operation("GET", "/pinned", access.People, "Clients that refuse the gateway's certificate", (*Server).pinned, paged()...),

		operation("GET", "/reveals", access.People, "Requests for the names behind pseudonyms, without the names", (*Server).reveals, paged()...),
		operation("POST", "/reveals", access.Decide, "Ask for the name behind a pseudonym", (*Server).askReveal),
		operation("POST", "/reveals/{request}/allow", access.Decide, "Allow another person to see a name, once", (*Server).allowReveal),
		operation("POST", "/reveals/{request}/refuse", access.Decide, "Refuse a request for a name, or withdraw one's own", (*Server).refuseReveal),
		operation("POST", "/reveals/{request}/name", access.Decide, "Show the name to the one who asked, once; this is on record before it is shown", (*Server).showReveal),

		operation("GET", "/exceptions", access.People, "What people ask the policy to let them do", (*Server).exceptions, paged(param{name: "state", kind: kindWord, words: []string{"pending", "granted", "refused", "withdrawn", "lapsed"}, about: "only those in this state"})...),
		operation("POST", "/exceptions", access.Decide, "Ask for an exception for somebody", (*Server).askException),
		operation("POST", "/exceptions/{id}/grant", access.Decide, "Grant, as a second person, an exception; the next request sees it", (*Server).grantException),
		operation("POST", "/exceptions/{id}/refuse", access.Decide, "Refuse an exception, or end one that was granted", (*Server).refuseException),
		operation("GET", "/rotations", access.People, "When people got new pseudonyms, and why", (*Server).rotations),
		operation("POST", "/rotations", access.Manage, "Give all people new pseudonyms from now on", (*Server).rotate),
		operation("POST", "/erasures", access.Manage, "Forget a person: the name, and all that is kept under the pseudonym", (*Server).erase),
		operation("GET", "/deletions", access.Audit, "What was deleted, by retention or on request", (*Server).deletions, paged()...),
		operation("GET", "/sheet", access.Read, "The data sheet: what is collected with these settings, how long it is kept, who may see it", (*Server).sheet, param{name: "lang", kind: kindWord, words: []string{"en", "de"}, about: "language; without it en"}),

		operation("GET", "/signer", access.Read, "Whose key evidence packs are signed with", (*Server).signer),
		operation("GET", "/evidence", access.Audit, "Evidence packs that were asked for since the gateway started", (*Server).evidence),
		operation("POST", "/evidence", access.Audit, "Make an evidence pack; ask for its state until it is done", (*Server).export),
		operation("GET", "/evidence/{id}", access.Audit, "How far a pack is", (*Server).job),
		stream("GET", "/evidence/{id}/pack", access.Audit, "The pack", "application/gzip", (*Server).download),
		operation("GET", "/ledger", access.Audit, "What was put on record, oldest first", (*Server).entries, ledger...),
		operation("GET", "/ledger/head", access.Audit, "The end of the ledger: whoever keeps it elsewhere can tell later that nothing was cut off", (*Server).head),
		accepted(bare(operation("POST", "/ledger/verifications", access.Audit, "Compute the chain of the ledger and all seals again; ask for the outcome until it is there", (*Server).verify))),
		operation("GET", "/ledger/verifications", access.Audit, "Verifications that were asked for since the gateway started", (*Server).verifications),
		operation("GET", "/ledger/verifications/{id}", access.Audit, "How far a verification is, and what it found", (*Server).verification),

		operation("GET", "/tokens", access.Audit, "Tokens of the API that were ever made", (*Server).listTokens, paged()...),
		operation("POST", "/tokens", access.Manage, "Make a token; the answer alone shows it", (*Server).createToken),
		operation("POST", "/tokens/{name}/revocation", access.Manage, "End a token", (*Server).revokeToken),
		operation("POST", "/reload", access.Manage, "Read the rules anew: all of them, or nothing changes", (*Server).reload),
		stream("POST", "/backup", access.Manage, "A copy of the inventory, without keys", "application/gzip", (*Server).backup),
	}
}

// newDoors fits the routes together.
func newDoors(s *Server) (doors, error) {
	page, err := template.ParseFS(assets, "assets/*.html")
	if err != nil {
		return doors{}, err
	}
	static, err := fs.Sub(assets, "assets")
	if err != nil {
		return doors{}, err
	}
	api := http.NewServeMux()
	for _, o := range routes() {
		api.Handle(o.method+" "+base+o.path, o.handler(s))
	}
	api.HandleFunc("POST "+base+"/logout", s.logout)

	network := http.NewServeMux()
	network.HandleFunc("GET /healthz", s.healthz)
	network.HandleFunc("GET /readyz", s.readyz)
	network.HandleFunc("GET /metrics", s.metrics)
	network.Handle("POST "+base+"/login", s.limited(http.HandlerFunc(s.login)))
	if s.logins != nil {
		network.Handle("GET "+base+"/oidc/login", s.limited(http.HandlerFunc(s.oidcStart)))
		network.Handle("GET "+CallbackPath, s.limited(http.HandlerFunc(s.oidcEnd)))
	}
	network.Handle(base+"/", s.limitedStrangers(s.authenticate(problems(api))))
	network.Handle("GET /{$}", s.limitedStrangers(s.page(page)))
	for _, name := range []string{"console.js", "console.css"} {
		network.HandleFunc("GET /assets/"+name, func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, static, name) })
	}
	local := http.NewServeMux()
	local.Handle(base+"/", s.local(problems(api)))
	local.HandleFunc("POST "+base+"/link", s.link)
	local.HandleFunc("GET /healthz", s.healthz)
	local.HandleFunc("GET /readyz", s.readyz)
	own := http.NewCrossOriginProtection()
	own.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		writeError(w, http.StatusForbidden, "this request comes from a page of another site: send it from the console, or without Origin and Sec-Fetch-Site")
	}))
	return doors{
		network: headers(s.hostAllowed(own.Handler(problems(network)))),
		local:   problems(local),
	}, nil
}

// sameSecret compares in constant time. An empty want is never met.
func sameSecret(got, want string) bool {
	g, w := sha256.Sum256([]byte(got)), sha256.Sum256([]byte(want))
	return want != "" && subtle.ConstantTimeCompare(g[:], w[:]) == 1
}
