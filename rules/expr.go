package rules

import (
	"errors"
	"fmt"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// environment is what the expression of a rule sees. Text that is unknown is
// empty. Class and Detector are those of the finding that the rule is tried
// for, empty when it is tried for the request.
type environment struct {
	Service      string         `expr:"service"`
	ID           string         `expr:"id"`
	Vendor       string         `expr:"vendor"`
	Category     string         `expr:"category"`
	Status       string         `expr:"status"`
	Surface      string         `expr:"surface"`
	How          string         `expr:"how"`
	Confidence   float64        `expr:"confidence"`
	Host         string         `expr:"host"`
	Path         string         `expr:"path"`
	Method       string         `expr:"method"`
	User         string         `expr:"user"`
	Groups       []string       `expr:"groups"`
	Client       string         `expr:"client"`
	UserAgent    string         `expr:"user_agent"`
	Account      string         `expr:"account"`
	Organisation string         `expr:"organisation"`
	Plan         string         `expr:"plan"`
	Model        string         `expr:"model"`
	Format       string         `expr:"format"`
	Stream       bool           `expr:"stream"`
	Parts        int            `expr:"parts"`
	Bytes        int            `expr:"bytes"`
	Cut          bool           `expr:"cut"`
	Findings     int            `expr:"findings"`
	Classes      map[string]int `expr:"classes"`
	Detectors    map[string]int `expr:"detectors"`
	Time         time.Time      `expr:"time"`
	Class        string         `expr:"class"`
	Detector     string         `expr:"detector"`
}

// compileExpr compiles a condition against the environment. "now" is left out:
// "time" is when the request was made, so that a decision can be explained
// later.
func compileExpr(source string) (*vm.Program, error) {
	program, err := expr.Compile(source, expr.Env(environment{}), expr.AsBool(), expr.DisableBuiltin("now"))
	if at, ok := errors.AsType[*file.Error](err); ok {
		return nil, fmt.Errorf("%s (line %d, column %d of the expression)", at.Message, at.Line, at.Column+1)
	}
	return program, err
}

// holds runs the rule's expression. One that fails (a division by zero, too
// much memory) is counted, and the rule matches if it is to fail closed.
func (v *view) holds(r *rule, g *group) bool {
	if v.env == nil {
		v.env = v.newEnvironment()
	}
	v.env.Class, v.env.Detector = "", ""
	if g != nil {
		v.env.Class, v.env.Detector = string(g.class), g.detector
	}
	out, err := expr.Run(r.program, v.env)
	if err != nil {
		v.engine.failures.Add(1)
		return r.onFail == traffic.FailClosed
	}
	yes, _ := out.(bool) // the compiler has made sure of it
	return yes
}

func (v *view) newEnvironment() *environment {
	x := v.x
	e := &environment{
		Service: x.Verdict.Service, ID: x.Verdict.ID, Vendor: x.Verdict.Vendor, Category: x.Verdict.Category,
		Status: string(x.Status), Surface: string(x.Verdict.Surface), How: string(x.Verdict.How), Confidence: x.Verdict.Confidence,
		Host: x.Flow.Host, Path: x.Flow.Path, Method: x.Flow.Method,
		User: x.Flow.User, Groups: x.Flow.Groups, UserAgent: x.Flow.UserAgent, Time: x.Flow.Time,
		Account: string(x.Account.Kind), Organisation: x.Account.Organisation, Plan: x.Account.Plan,
		Bytes: len(x.Body), Cut: x.Cut, Findings: len(x.Findings),
		Classes: make(map[string]int), Detectors: make(map[string]int),
	}
	if x.Flow.Client.IsValid() {
		e.Client = x.Flow.Client.String()
	}
	if x.Prompt != nil {
		e.Model, e.Format, e.Stream, e.Parts = x.Prompt.Model, x.Prompt.Format, x.Prompt.Stream, len(x.Prompt.Parts)
	}
	for i := range v.groups {
		e.Classes[string(v.groups[i].class)] += v.groups[i].count
		e.Detectors[v.groups[i].detector] += v.groups[i].count
	}
	return e
}
