package traffic

// Observe takes a flow that a sniffer or a log saw and returns what it is. It
// may be called concurrently.
func (p *Pipeline) Observe(f *Flow) Verdict {
	x := p.newExchange(f, nil, nil)
	if f.Path == "" {
		x.Verdict = x.stages.Classifier.Host(f.Host)
	} else {
		x.Verdict, x.Account = x.stages.Classifier.Request(x)
	}
	if !x.Verdict.AI() {
		p.Stats.Other.Add(1)
		return x.Verdict
	}
	if f.Guess > 0 {
		x.Verdict.How, x.Verdict.Confidence = HowLearnedAddress, f.Guess*x.Verdict.Confidence
	}
	x.Coverage = Coverage{Depth: MetadataOnly, Reason: ReasonPassive}
	p.record(x, &Answer{Up: f.Up, Down: f.Down})
	return x.Verdict
}
