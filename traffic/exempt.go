package traffic

// Exempter tells what the person behind a flow is exempt from: exceptions that
// somebody was granted. It is called concurrently, for each use of AI, and does
// not allocate where none hold.
type Exempter interface {
	Exempt(list []Exemption, f *Flow, service string) []Exemption
}

// Exemption is an exception that holds for a request.
type Exemption struct {
	ID   string
	Rule string // that is not tried; "": the service counts as approved with conditions
}

// ExemptFeature leads what is noted of a flow that an exception holds for.
const ExemptFeature = "exception:"

// SetExempter tells p who is exempt from what. Call it before the first flow.
func (p *Pipeline) SetExempter(e Exempter) { p.exempter = e }

// stand notes how the service of x stands for the person behind x: as in the
// register, unless an exception says otherwise.
func (p *Pipeline) stand(x *Exchange) {
	x.Status = p.register.Status(x.Verdict.ID)
	if p.exempter != nil {
		x.Except(p.exempter)
	}
}

// Except asks e what the person behind x is exempt from at the service of x, and
// notes it.
func (x *Exchange) Except(e Exempter) {
	x.Exemptions = e.Exempt(nil, &x.Flow, x.Verdict.ID)
	for i := range x.Exemptions {
		if x.Exemptions[i].Rule == "" {
			x.Status = StatusConditional
		}
		x.Flow.Features = append(x.Flow.Features[:len(x.Flow.Features):len(x.Flow.Features)], ExemptFeature+x.Exemptions[i].ID)
	}
}

// Exempt reports whether a rule is not to be tried for x.
func (x *Exchange) Exempt(rule string) bool {
	for i := range x.Exemptions {
		if x.Exemptions[i].Rule == rule && rule != "" {
			return true
		}
	}
	return false
}
