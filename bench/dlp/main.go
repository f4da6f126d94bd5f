// Command dlp measures Gnomon's scanner beside gitleaks as a library, the
// standard library's regular expressions run one after the other, and what reading memory
// costs, in one run on one machine. It prints Markdown.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"log"
	"math"
	"os"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/zricethezav/gitleaks/v8/detect"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// contender scans a text and returns how much it found.
type contender struct {
	name string
	most int // bytes that it is given at once: the slow ones would take hours
	scan func(text []byte) int
}

var (
	rounds = flag.Int("rounds", 5, "times that each scanner reads each text, by turns; the fastest counts")
	write  = flag.String("write", "", "file to put the tables in, between its marks")
)

func main() {
	flag.Parse()
	log.SetFlags(0)
	var out strings.Builder
	fmt.Fprintf(&out, "%s, %s, %d processors, %s; CPU time, the best of %d turns.\n", processor(), runtime.Version(), runtime.NumCPU(), time.Now().Format("January 2006"), *rounds)
	if err := run(&out); err != nil {
		log.Fatal(err)
	}
	fmt.Print(out.String())
	if *write != "" {
		if err := replace(*write, out.String()); err != nil {
			log.Fatal(err)
		}
	}
}

// aim is how fast a hostile text should be read, in MB/s.
const aim = 20

func run(out *strings.Builder) error {
	set, err := rules.Load("")
	if err != nil {
		return err
	}
	all, err := contenders(out, set)
	if err != nil {
		return err
	}
	for _, dirty := range []bool{false, true} {
		title := "Clean text"
		if dirty {
			title = "A card, a key and an address a kilobyte"
		}
		header(out, title+", MB/s", "text", all)
		for _, kind := range []string{"chat", "prose", "code"} {
			for _, size := range []int{1 << 10, 4 << 10, 64 << 10, 1 << 20} {
				text, err := text(kind, size, dirty)
				if err != nil {
					return err
				}
				row(out, kind+" "+kib(size), text, all)
			}
		}
	}
	all = all[:plainly]
	header(out, "Hostile text, 256 KiB, MB/s", "repeated", all)
	slow, texts := 0, 0
	count := func(speed float64) {
		if texts++; speed < aim {
			slow++
		}
	}
	for _, unit := range hostile {
		count(row(out, fmt.Sprintf("`%s`", strings.NewReplacer("\n", `\n`, "|", `\|`).Replace(fmt.Sprintf("%q", unit))), repeat(unit, 256<<10), all))
	}
	header(out, "Hostile text that never says the same twice, 256 KiB, MB/s", "made of", all)
	for _, a := range newTexts(set.Detectors) {
		count(row(out, a.name, a.text(256<<10), all))
	}
	fmt.Fprintf(out, "\n%d of the %d hostile texts are read by gnomon at less than the aim of %d MB/s.\n", slow, texts, aim)
	allocations(out, all)
	return nil
}

// contenders builds each scanner and notes what that takes.
func contenders(out *strings.Builder, set *rules.Set) (all []contender, err error) {
	fmt.Fprintf(out, "\n### Building the scanner, CPU ms\n\n| scanner | rules | ms |\n|---|---|---|\n")
	built := func(name string, rules int, build func() error) error {
		best := math.Inf(1)
		for range *rounds {
			begin := cpu()
			if err := build(); err != nil {
				return err
			}
			best = min(best, (cpu()-begin).Seconds()*1e3)
		}
		fmt.Fprintf(out, "| %s | %d | %.0f |\n", name, rules, best)
		return nil
	}
	var s *dlp.Scanner
	if err := built("gnomon", len(set.Detectors), func() (err error) {
		s, err = dlp.New(set.Detectors, traffic.Key{1}, dlp.Options{})
		return err
	}); err != nil {
		return nil, err
	}
	var g *detect.Detector
	if err := built("gitleaks", 222, func() (err error) {
		g, err = detect.NewDetectorDefaultConfig()
		return err
	}); err != nil {
		return nil, err
	}
	var patterns []*regexp.Regexp
	if err := built("regexp, the same patterns as gnomon", len(set.Detectors), func() error {
		patterns = patterns[:0]
		for _, d := range set.Detectors {
			re, err := regexp.Compile(d.Pattern)
			if err != nil {
				return err
			}
			patterns = append(patterns, re)
		}
		return nil
	}); err != nil {
		return nil, err
	}
	var hits []dlp.Hit
	var again renewed
	return []contender{
		{"memory: bytes.Count", 1 << 30, func(t []byte) int { return bytes.Count(t, []byte{0}) }},
		{"memory: a Go operation a byte", 1 << 30, sum},
		{"gnomon", 1 << 30, func(t []byte) int { hits = s.ScanText(t, hits[:0]); return len(hits) }},
		{"gitleaks", 64 << 10, func(t []byte) int { return len(g.DetectBytes(t)) }},
		{"regexp", 4 << 10, func(t []byte) (n int) {
			for _, re := range patterns {
				n += len(re.FindAllIndex(t, -1))
			}
			return n
		}},
		{"gnomon, no sentence read before", 1 << 30, func(t []byte) int { again.of(t); hits = s.ScanText(again.text, hits[:0]); return len(hits) }},
	}, nil
}

// plainly is how many contenders read the text as it is.
const plainly = 5

// renewed is a text whose sentences are others each time: what a scanner remembers of them does
// not help.
type renewed struct {
	text []byte
	n    int
}

// of takes a text, and puts other letters for each "the" in it.
func (r *renewed) of(text []byte) {
	r.text = append(r.text[:0], text...)
	for rest := r.text; ; {
		i := bytes.Index(rest, []byte(" the "))
		if i < 0 {
			return
		}
		for k, n := 1, r.n; k < 4; k, n = k+1, n/26 {
			rest[i+k] = 'a' + byte(n%26)
		}
		r.n++
		rest = rest[i+4:]
	}
}

func sum(text []byte) (n int) {
	for _, c := range text {
		n += int(c)
	}
	return n
}

func header(out *strings.Builder, title, first string, all []contender) {
	fmt.Fprintf(out, "\n### %s\n\n| %s |", title, first)
	for _, c := range all {
		fmt.Fprintf(out, " %s |", c.name)
	}
	fmt.Fprintf(out, " gnomon to gitleaks |\n|---|%s\n", strings.Repeat("---|", len(all)+1))
}

// row measures all contenders on text, by turns, and returns the speed of gnomon.
func row(out *strings.Builder, name string, text []byte, all []contender) (gnomon float64) {
	log.Print(name)
	best := make([]float64, len(all))
	for turn := range *rounds {
		for i, c := range all {
			if turn > 1 && best[i] < 0.5 {
				continue // it takes seconds: twice must do, the first may have had lists to read
			}
			best[i] = max(best[i], speed(c, text[:min(len(text), c.most)]))
		}
	}
	fmt.Fprintf(out, "| %s |", name)
	for i, c := range all {
		mark := ""
		if len(text) > c.most {
			mark = " *"
		}
		fmt.Fprintf(out, " %s%s |", figure(best[i]), mark)
	}
	fmt.Fprintf(out, " %s |\n", figure(best[2]/best[3]))
	return best[2]
}

func figure(x float64) string {
	switch {
	case x >= 100:
		return fmt.Sprintf("%.0f", x)
	case x >= 1:
		return fmt.Sprintf("%.3g", x)
	}
	return fmt.Sprintf("%.2g", x)
}

// speed returns megabytes a second of CPU time.
func speed(c contender, text []byte) float64 {
	runtime.GC()
	n := 0
	begin, used := cpu(), time.Duration(0)
	for used < 20*time.Millisecond {
		for range max(1, 8<<10/len(text)) {
			c.scan(text)
			n++
		}
		used = cpu() - begin
	}
	return float64(n*len(text)) / used.Seconds() / 1e6
}

func allocations(out *strings.Builder, all []contender) {
	fmt.Fprintf(out, "\n### Allocations for 4 KiB of chat\n\n| scanner | clean | dirty |\n|---|---|---|\n")
	for _, c := range all[2:] {
		fmt.Fprintf(out, "| %s |", c.name)
		for _, dirty := range []bool{false, true} {
			t, err := text("chat", 4<<10, dirty)
			if err != nil {
				log.Fatal(err)
			}
			c.scan(t)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for range 10 {
				c.scan(t)
			}
			runtime.ReadMemStats(&after)
			fmt.Fprintf(out, " %d |", (after.Mallocs-before.Mallocs)/10)
		}
		fmt.Fprintln(out)
	}
}

// cpu returns the CPU time of this process: how busy the machine is matters
// less to it than to a clock.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		log.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func processor() string {
	data, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(data)) {
		if name, ok := strings.CutPrefix(line, "model name\t: "); ok {
			return strings.TrimSpace(name)
		}
	}
	return runtime.GOARCH
}

const begin, end = "<!-- figures: begin -->\n", "<!-- figures: end -->\n"

// replace puts figures between the marks of file.
func replace(file, figures string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	head, rest, ok := strings.Cut(string(data), begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		return fmt.Errorf("%s has no %q and %q", file, begin, end)
	}
	return os.WriteFile(file, []byte(head+begin+figures+end+tail), 0o644)
}
