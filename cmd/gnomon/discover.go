package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	_ "time/tzdata" // --timezone, also where the system has no database

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/privacy"
	"github.com/gnomon-proxy/gnomon/sniffer/learned"
	"github.com/gnomon-proxy/gnomon/sniffer/leases"
	"github.com/gnomon-proxy/gnomon/sniffer/logs"
	"github.com/gnomon-proxy/gnomon/traffic"
)

type discoverOptions struct {
	asJSON, asCSV, save, showUsers bool
	k                              privacy.K // of the page that is handed on
	html, format, timezone, failOn string
	mapping                        map[string]string
	leases                         []string
	year, top                      int
}

func newDiscoverCommand() *cobra.Command {
	var o discoverOptions
	cmd := &cobra.Command{
		Use:         "discover FILE|DIR|-...",
		Annotations: map[string]string{endsItself: "yes"},
		Short:       "List the AI services that logs and packet captures show",
		Long: `Read access logs, DNS logs, firewall logs and packet captures, and list the AI
services in them: who uses them, how much, since when, and whether they have
been approved. Formats are recognised by content (gzip, zstd and bzip2 too);
folders are read whole; - is standard input. Nothing is decrypted and, without
--save, nothing is kept.

USERS are those whom a log or a lease names, a device where it names no person;
CLIENTS are addresses. A narrow table shows the more of the two as USERS. REQUESTS
are lines and what captures show: a lookup of a name and the session that follows
it are two, a flow known by its address is none where its client's lookup or
request has told the name; DNS logs that hold answers tell it, whatever the order
of the files or, in a pipe, of the lines. BLOCKED are requests that the system which
wrote the log refused. UP and DOWN are bytes, "-" where no log tells any. What
stands in several inputs, the same at the same time, counts once.

Numbers of people are printed as they are to who has these logs. The page of
--html is made to be handed on: it shows fewer than privacy.k as "<5".

Beside the services it lists hosts that no catalogue knows but that look like
AI, and what hid traffic from the sensors: resolvers behind TLS, VPNs.`,
		Example: `  gnomon discover /var/log/squid/access.log
  gnomon discover access.log* dns/ office.pcap --html report.html
  zcat -f queries.log* | gnomon discover - --json
  gnomon discover proxy.csv --format csv --map client=src,host=domain,down=bytes
  gnomon discover access.log --leases dhcpd.leases --save`,
		Args: func(cmd *cobra.Command, args []string) error {
			if o.format == "help" {
				return nil
			}
			return cobra.MinimumNArgs(1)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.html == "-" && (o.asJSON || o.asCSV) {
				return &exitError{exitUsage, errors.New("--html - writes to standard output, and so does --json or --csv: name a file")}
			}
			settings, err := settingsOf(cmd)
			if err != nil {
				return err
			}
			if !o.showUsers { // names tell more than numbers do
				o.k = settings.Privacy.group()
			}
			return discover(cmd, settings, &o, args)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.asJSON, "json", false, "print one JSON object")
	f.BoolVar(&o.asCSV, "csv", false, "print the services as CSV")
	f.StringVar(&o.html, "html", "", "write a report to this file, for a browser or a printer; - is standard output, instead of the table")
	f.BoolVar(&o.save, "save", false, "put what is found into the inventory")
	f.StringArrayVar(&o.leases, "leases", nil, "file that tells who had an address: CSV, DHCP leases, RADIUS accounting (may be repeated)")
	f.StringVar(&o.format, "format", "", "read all logs as this format; \"help\" lists them")
	f.StringToStringVar(&o.mapping, "map", nil, "columns of a generic log: time=..., client=..., user=..., host=..., url=..., up=..., down=...")
	f.IntVar(&o.year, "year", 0, "year of the first line, for logs whose times have none")
	f.StringVar(&o.timezone, "timezone", "", "time zone of times without one, as Europe/Berlin (default UTC)")
	f.StringVar(&o.failOn, "fail-on", "", "\"unreviewed\": exit with 3 when a service was found that nobody has reviewed")
	f.IntVar(&o.top, "top", 25, "rows of each table; 0: all")
	f.BoolVar(&o.showUsers, "show-users", false, "name the users in the HTML report")
	return cmd
}

// discoverGC is the growth at which the heap is collected. Reading lines makes
// next to no garbage, so collecting early costs little and saves memory. Saving
// makes some.
const (
	discoverGC = 30
	saveGC     = 100
)

// discovery is one run of the command.
type discovery struct {
	ctx       context.Context
	knowledge *knowledge
	logs      logs.Options
	names     *learned.Names // what addresses meant; captures are read one after the other; nil without any
	answers   *answers       // what DNS logs say of addresses; nil where no log asks for it
	waiting   atomic.Int64   // bytes that flows without a name take
	left      int64          // flows in logs that nothing names
	hasty     int64          // of them, those that what was read later may have named
	users     traffic.Users  // nil: nobody is known by address
	store     *lateStore     // nil without --save
	scanner   *lateScanner   // nil without --save
	showUsers bool
	once      once         // what was counted
	done      atomic.Int64 // bytes read, of files as they lie on the disk
	finished  atomic.Int64 // inputs read
}

func discover(cmd *cobra.Command, settings Settings, o *discoverOptions, args []string) error {
	ctx, stderr := cmd.Context(), cmd.ErrOrStderr()
	if o.format == "help" {
		return printFormats(cmd.OutOrStdout())
	}
	d, done, err := newDiscovery(ctx, settings, o, stderr)
	if err != nil {
		return err
	}
	defer done()
	growth := discoverGC
	if o.save {
		growth = saveGC
	}
	defer debug.SetGCPercent(debug.SetGCPercent(growth))
	inputs, failed := inputsOf(ctx, args, cmd.InOrStdin(), d.logs)
	if at := slices.IndexFunc(inputs, func(in *input) bool { return sameFile(in.name, o.html) }); at >= 0 {
		return fmt.Errorf("--html would write over %s, which is to be read: name another file", inputs[at].name)
	}
	d.ask(inputs)
	if len(inputs) == 0 {
		return failed // nothing was read: nothing is said of AI
	}
	begun := time.Now()
	bar := startProgress(stderr, inputs, d)
	tally, reports := d.readAll(ctx, inputs)
	bar.stop()
	if err := errors.Join(d.store.failed(), d.scanner.failed()); err != nil {
		return err
	}
	for i := range reports {
		if err := reports[i].err; err != nil && !errors.Is(err, context.Canceled) {
			failed = errors.Join(failed, err) // it names the input
		}
	}
	adviseUnrecognised(stderr, failed)
	found := tally.result(reports)
	found.repeated, found.repeatedMore = d.once.repeated.Load(), d.once.beyond.Load()
	found.left, found.hasty = d.left, d.hasty
	found.took, found.interrupted = time.Since(begun), ctx.Err() != nil
	// The status of today, also after an interrupt.
	if err := found.addStatus(context.WithoutCancel(ctx), settings, d); err != nil {
		fmt.Fprintln(stderr, "gnomon: the inventory could not be asked, all services are shown as unreviewed:", err)
	}
	if err := found.write(cmd.OutOrStdout(), stderr, o); err != nil {
		return errors.Join(err, failed)
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case failed != nil:
		return failed
	case (o.failOn != "" || !found.readAny()) && found.unread() != nil:
		return found.unread()
	case o.failOn != "" && found.unreviewed() > 0:
		fmt.Fprintf(stderr, "gnomon: %s that nobody has reviewed\n", amount(found.unreviewed(), "service"))
		return &exitError{code: exitFindings}
	}
	return nil
}

// ask prepares for what the inputs ask for. A pipe may hold anything behind its
// first lines.
func (d *discovery) ask(inputs []*input) {
	if slices.ContainsFunc(inputs, func(in *input) bool { return in.capture }) {
		d.names = learned.New(0)
	}
	if slices.ContainsFunc(inputs, func(in *input) bool { return !in.capture && (in.flows != logs.NoFlows || !in.again) }) {
		d.answers, d.logs.Answers = newAnswers(), true
	}
}

// newDiscovery checks the options and opens what the run needs.
func newDiscovery(ctx context.Context, settings Settings, o *discoverOptions, stderr io.Writer) (d *discovery, done func(), err error) {
	usage := func(format string, args ...any) error { return &exitError{exitUsage, fmt.Errorf(format, args...)} }
	if o.asJSON && o.asCSV {
		return nil, nil, usage("--json and --csv: choose one")
	}
	if o.failOn != "" && o.failOn != string(traffic.StatusUnreviewed) {
		return nil, nil, usage("--fail-on %q: it can be unreviewed only", o.failOn)
	}
	if o.year != 0 && (o.year < 1970 || o.year > time.Now().Year()+1) {
		return nil, nil, usage("--year %d: want the year of the first line, 1970 to %d", o.year, time.Now().Year()+1)
	}
	if o.top < 0 {
		return nil, nil, usage("--top %d: want 0 or more", o.top)
	}
	d = &discovery{ctx: ctx, showUsers: o.showUsers}
	d.logs = logs.Options{Format: o.format, Year: o.year, Mapping: o.mapping}
	if o.timezone != "" {
		if d.logs.Location, err = time.LoadLocation(o.timezone); err != nil {
			return nil, nil, usage("--timezone %q is no time zone: write it as Europe/Berlin, or UTC", o.timezone)
		}
	}
	if err := knownFormat(o.format); err != nil {
		return nil, nil, err
	}
	for field := range o.mapping {
		if !logs.IsField(field) {
			return nil, nil, usage("--map %q: write it as FIELD=COLUMN, where FIELD is one of %s", field+"="+o.mapping[field], strings.Join(logs.Fields(), ", "))
		}
	}
	if d.knowledge, err = loadHosts(settings.overlays(), passingKey()); err != nil {
		return nil, nil, err
	}
	if files := append(append([]string{}, settings.Users.Leases...), o.leases...); len(files) > 0 {
		m, err := leases.Open(files, leases.Options{Location: d.logs.Location})
		if err != nil {
			return nil, nil, err
		}
		d.users = m
		for _, r := range m.Reports() {
			talkLeases(stderr, &r)
		}
	}
	if !o.save {
		return d, func() {}, nil
	}
	d.scanner = newLateScanner(settings.overlays())
	d.store = &lateStore{open: func() (*inventory.Inventory, func(), error) {
		made := tellStore(stderr, settings)
		inv, done, err := openInventory(ctx, settings, d.knowledge.set.Services)
		if err == nil {
			made()
		}
		return inv, done, err
	}}
	return d, d.store.close, nil
}

func knownFormat(name string) error {
	if name == "" {
		return nil
	}
	for _, f := range logs.Formats() {
		if f[0] == name {
			return nil
		}
	}
	return &exitError{exitUsage, fmt.Errorf("--format %q is not known: `gnomon discover --format help` lists them", name)}
}

func printFormats(w io.Writer) error {
	for _, f := range logs.Formats() {
		if _, err := fmt.Fprintf(w, "%-28s %s\n", f[0], f[1]); err != nil {
			return err
		}
	}
	return nil
}

// readAll reads all inputs, logs on all processors, captures one after the other
// as one may explain the next, and adds them up in their order: what comes out
// does not depend on who was first. Flows that are known by address alone wait
// until all that can name them has been read, in whatever order the inputs are.
func (d *discovery) readAll(ctx context.Context, inputs []*input) (*tally, []inputReport) {
	results := make([]chan *reading, len(inputs))
	reports := make([]inputReport, len(inputs))
	var packets, lines []int
	var flows, again []*input
	var flowReports []*inputReport
	for i, in := range inputs {
		switch results[i] = make(chan *reading, 1); {
		case in.capture:
			packets = append(packets, i)
		case in.flows == logs.OnlyFlows:
			flows, flowReports = append(flows, in), append(flowReports, &reports[i])
			close(results[i])
		default:
			lines = append(lines, i)
		}
	}
	var wg sync.WaitGroup
	work := func(list []int, next *atomic.Int64) {
		for {
			n := int(next.Add(1)) - 1
			if n >= len(list) {
				return
			}
			r := d.read(ctx, inputs[list[n]])
			d.finished.Add(1)
			results[list[n]] <- r
		}
	}
	var nextPackets, nextLines atomic.Int64
	wg.Go(func() { work(packets, &nextPackets) })
	for range min(runtime.GOMAXPROCS(0), len(lines)) {
		wg.Go(func() { work(lines, &nextLines) })
	}
	total := newTally(d.showUsers)
	var later []*late
	for i := range results {
		r := <-results[i]
		if r == nil {
			continue
		}
		reports[i] = r.report
		later = d.gather(later, r, &reports[i], total)
		if r.lookups && inputs[i].again {
			again = append(again, inputs[i])
		}
	}
	wg.Wait()
	later = append(later, d.readFlows(ctx, flows, flowReports, total)...)
	if len(later) > 0 && d.answers == nil && len(again) > 0 {
		d.learnLate(ctx, again)
	}
	d.readLate(ctx, later, total)
	return total, reports
}

// sameFile reports whether both names lead to one file that is there.
func sameFile(a, b string) bool {
	at, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(at, other)
}
