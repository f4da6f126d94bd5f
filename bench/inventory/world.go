package main

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// world is who uses what: people have a department, an address, one or two
// programs and a few services that they keep using, some much more than others.
// At any time a part of them is at work, each with one service for a while.
type world struct {
	r        *rand.Rand
	services []service
	people   []person
	sessions []session // of those at work now
	hurry    *rand.Zipf
}

type service struct {
	verdict traffic.Verdict
	host    string
	models  []string
}

type person struct {
	name   string
	addr   netip.Addr
	groups []string
	agents []string
	uses   []int // of services
	key    string
}

type session struct {
	person, service int
	agent, model    string
	account         traffic.Account
}

const departments = 20

var (
	agents   = []string{"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36", "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0", "OpenAI/Python 2.8.0", "claude-cli/2.0.1 (external, cli)", "langchain/1.0", "node"}
	surfaces = []traffic.Surface{traffic.SurfaceAPI, traffic.SurfaceWeb}
	paths    = []string{"/v1/chat/completions", "/v1/messages", "/v1/embeddings", "/backend-api/conversation"}
	tools    = []string{"read_file", "run_tests", "search_web", "query_database", "send_mail"}
)

// newWorld makes a world of which a share is at work at a time.
func newWorld(seed uint64, services, users int, atWork float64) *world {
	w := &world{r: rand.New(rand.NewPCG(seed, 1))}
	for i := range services {
		id := fmt.Sprintf("service-%d", i)
		s := service{host: fmt.Sprintf("api.%s.example", id), verdict: traffic.Verdict{
			ID: id, Service: fmt.Sprintf("Service %d", i), Vendor: fmt.Sprintf("Vendor %d", i/3), Category: "model_api",
			How: traffic.HowCatalogue, Confidence: 1, Features: []string{"host"}, Surface: surfaces[i%len(surfaces)],
		}}
		for m := range 3 {
			s.models = append(s.models, fmt.Sprintf("model-%d-%d", i%40, m))
		}
		w.services = append(w.services, s)
	}
	liked := rand.NewZipf(w.r, 1.1, 4, uint64(services-1))
	for i := range users {
		p := person{
			name: fmt.Sprintf("user-%d@example.org", i), addr: netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}),
			groups: []string{fmt.Sprintf("department-%d", i%departments)}, key: fmt.Sprintf("%016x", i),
			agents: []string{agents[i%2], agents[2+i%4]},
		}
		for range 1 + w.r.IntN(4) {
			p.uses = append(p.uses, int(liked.Uint64()))
		}
		w.people = append(w.people, p)
	}
	w.sessions = make([]session, max(1, int(float64(users)*atWork)))
	for i := range w.sessions {
		w.begin(i)
	}
	w.hurry = rand.NewZipf(w.r, 1.05, 20, uint64(len(w.sessions)-1))
	return w
}

// begin lets somebody sit down to work.
func (w *world) begin(i int) {
	n := w.r.IntN(len(w.people))
	p := &w.people[n]
	use := w.r.IntN(len(p.uses))
	s := session{person: n, service: p.uses[use], agent: p.agents[w.r.IntN(len(p.agents))]}
	s.model = w.services[s.service].models[use%3]
	s.account = traffic.Account{Kind: traffic.AccountPersonal}
	if use == 0 {
		s.account = traffic.Account{Kind: traffic.AccountAPIKey, Organisation: "org-1", Key: p.key}
	}
	w.sessions[i] = s
}

// sitting is how many requests somebody makes before somebody else comes, on
// average.
const sitting = 400

// next is what is seen next.
func (w *world) next(now time.Time) *traffic.Sighting {
	i := int(w.hurry.Uint64())
	if w.r.IntN(sitting) == 0 {
		w.begin(i)
	}
	return w.sighting(&w.sessions[i], now)
}

// one is what is seen of one person with one service: with it nobody and nothing
// stays unseen.
func (w *world) one(person, service int, now time.Time) *traffic.Sighting {
	p := &w.people[person]
	return w.sighting(&session{
		person: person, service: service, agent: p.agents[0], model: w.services[service].models[0], account: traffic.Account{Kind: traffic.AccountPersonal},
	}, now)
}

func (w *world) sighting(c *session, now time.Time) *traffic.Sighting {
	p, v := &w.people[c.person], &w.services[c.service]
	s := &traffic.Sighting{
		ID: traffic.NewID(now), Time: now, Sensor: traffic.SensorProxy, Client: p.addr, User: p.name, Groups: p.groups,
		Host: v.host, Method: "POST", Path: paths[c.service%len(paths)], UserAgent: c.agent, Verdict: v.verdict, Account: c.account, Model: c.model,
		Format: "openai_chat", Decision: traffic.Decision{Action: traffic.ActionAllow}, Coverage: traffic.Coverage{Depth: traffic.Inspected},
		Requests: 1, Up: 500 + w.r.Int64N(4000), Down: 1000 + w.r.Int64N(9000), Code: 200, Duration: time.Duration(w.r.IntN(3000)) * time.Millisecond,
	}
	switch w.r.IntN(40) {
	case 0, 1:
		s.Findings, s.Classes = map[string]int{"iban": 1}, map[traffic.Class]int{traffic.ClassPersonal: 1}
		s.Decision = traffic.Decision{Action: traffic.ActionPseudonymise, Rule: "personal"}
	case 2:
		s.Findings, s.Classes = map[string]int{"aws-access-key": 1}, map[traffic.Class]int{traffic.ClassSecret: 1}
		s.Decision, s.Prints = traffic.Decision{Action: traffic.ActionRedact, Rule: "secrets"}, []string{p.key}
	case 3:
		s.Coverage = traffic.Coverage{Depth: traffic.MetadataOnly, Reason: traffic.ReasonPinned}
	case 4, 5:
		s.Tools = tools[:1+w.r.IntN(len(tools))]
	}
	return s
}
