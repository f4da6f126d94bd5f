package stream_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/notice"
	"github.com/gnomon-proxy/gnomon/inventory/stream"
)

// notices are an alert, a reason to assess a service again, and changes, the last
// with names that a stranger chose.
func notices() []notice.Notice {
	return []notice.Notice{
		{
			ID: "ledger-17-00112233aabbccdd", Time: noon, Alert: true, Topic: inventory.TopicAlert, Event: inventory.KeyInPrompt, Severity: notice.High, Title: "API key in a prompt",
			Text: "API key 8d969eef6ecad3c2, which is in use, stood in a prompt to claude: revoke it and make a new one.", By: "gnomon", About: "8d969eef6ecad3c2", Object: notice.ObjectKey,
			Services: []string{"claude"}, Users: []string{"u-7f3a90cc01ab"}, Entry: 17,
		},
		{
			ID: "ledger-18-00112233aabbccde", Time: noon, Alert: true, Topic: inventory.TopicTrigger, Event: "new_data_class", Severity: notice.Medium, Title: "Service to be assessed again",
			Text: "Service to be assessed again: claude, new_data_class health", By: "gnomon", About: "claude", Object: notice.ObjectService, Services: []string{"claude"}, Entry: 18,
		},
		{
			ID: "ledger-19-00112233aabbccdf", Time: noon, Topic: inventory.TopicDecision, Event: "approved", Severity: notice.Info, Title: "Decision on a service",
			Text: "Decision on a service: claude (approved)", By: "u-0123456789ab", About: "claude", Object: notice.ObjectService, Services: []string{"claude"}, Entry: 19,
		},
		{
			ID: "ledger-20-00112233aabbcce0", Time: noon, Topic: inventory.TopicReveal, Event: "shown", Severity: notice.Medium, Title: "Name behind a pseudonym",
			Text: "Name behind a pseudonym: u-7f3a90cc01ab (shown)", By: "u-0123456789ab", About: "u-7f3a90cc01ab", Object: notice.ObjectPerson, Users: []string{"u-7f3a90cc01ab"}, Entry: 20,
		},
		{
			ID: "ledger-21-00112233aabbcce1", Time: noon, Topic: inventory.TopicBackup, Event: "backup", Severity: notice.Low, Title: "Backup of the inventory", Text: "Backup of the inventory", By: "root", Object: notice.ObjectStore, Entry: 21,
		},
		{
			ID: "ledger-22-00112233aabbcce2", Time: noon, Topic: inventory.TopicPolicy, Event: nasty, Severity: notice.Low, Title: nasty, Text: nasty, By: nasty, About: nasty, Object: notice.ObjectPolicy,
			Services: []string{nasty}, Users: []string{nasty}, Entry: 22,
		},
	}
}

// noticeKinds yields notices of every kind: all combinations of topic, object and
// severity, in turn with ordinary and hostile texts and with none.
func noticeKinds() iter.Seq2[string, *notice.Notice] {
	return func(yield func(string, *notice.Notice) bool) {
		i := 0
		for _, topic := range []inventory.Topic{inventory.TopicAlert, inventory.TopicAccess, inventory.TopicReveal, inventory.TopicDeletion, inventory.TopicEvidence, inventory.TopicDecision} {
			for _, object := range notice.Objects() {
				for _, severity := range []notice.Severity{notice.Info, notice.Low, notice.Medium, notice.High} {
					for _, text := range []string{"", "word", nasty, "\xff\u202e"} {
						i++
						n := &notice.Notice{}
						if text != "" {
							fill(reflect.ValueOf(n).Elem(), text)
						}
						n.ID, n.Time, n.Topic, n.Object, n.Severity, n.Alert, n.Entry = fmt.Sprintf("ledger-%d", i), noon, topic, object, severity, i%3 == 0, int64(i)
						n.Title, n.Text, n.Event = "title "+text, "text "+text, "event "+text
						if i%5 == 0 {
							n.Event, n.By = "shown", "u-0123456789ab"
						}
						if !yield(fmt.Sprintf("%s %s %s %.8q", topic, object, severity, text), n) {
							return
						}
					}
				}
			}
		}
	}
}

func encodeNotices(t *testing.T, f stream.Format, list ...notice.Notice) (out []byte) {
	t.Helper()
	for i := range list {
		var err error
		r := stream.Noticed(&list[i], from)
		if out, err = f.Append(out, &r); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func TestNoticesGolden(t *testing.T) {
	for _, f := range lineFormats {
		t.Run(string(f), func(t *testing.T) {
			golden(t, "testdata/golden/notices/"+string(f)+".txt", encodeNotices(t, f, notices()...))
		})
	}
}

// noticedBy has for each text format all texts of a notice that it keeps.
var noticedBy = map[stream.Format]map[string]func(*notice.Notice) string{
	stream.CEF: {
		"externalId": func(n *notice.Notice) string { return n.ID }, "cat": func(n *notice.Notice) string { return string(n.Topic) },
		"act": func(n *notice.Notice) string { return n.Event }, "suid": func(n *notice.Notice) string { return n.By },
		"duid": func(n *notice.Notice) string { return strings.Join(n.Users, ",") }, "msg": func(n *notice.Notice) string { return n.Text },
		"cs1": func(n *notice.Notice) string { return strings.Join(n.Services, ",") }, "cs2": func(n *notice.Notice) string { return string(n.Object) },
		"cs3": func(n *notice.Notice) string { return n.About }, "cn1": func(n *notice.Notice) string { return fmt.Sprint(n.Entry) },
	},
	stream.LEEF: {
		"id": func(n *notice.Notice) string { return n.ID }, "cat": func(n *notice.Notice) string { return string(n.Topic) },
		"action": func(n *notice.Notice) string { return n.Event }, "usrName": func(n *notice.Notice) string { return n.By },
		"people": func(n *notice.Notice) string { return strings.Join(n.Users, ",") }, "message": func(n *notice.Notice) string { return n.Text },
		"aiServiceId": func(n *notice.Notice) string { return strings.Join(n.Services, ",") }, "object": func(n *notice.Notice) string { return string(n.Object) },
		"about": func(n *notice.Notice) string { return n.About }, "ledgerEntry": func(n *notice.Notice) string { return fmt.Sprint(n.Entry) },
	},
	stream.Syslog: {
		"id": func(n *notice.Notice) string { return n.ID }, "topic": func(n *notice.Notice) string { return string(n.Topic) },
		"act": func(n *notice.Notice) string { return n.Event }, "by": func(n *notice.Notice) string { return n.By },
		"user": func(n *notice.Notice) string { return strings.Join(n.Users, ",") }, "svc": func(n *notice.Notice) string { return strings.Join(n.Services, ",") },
		"object": func(n *notice.Notice) string { return string(n.Object) }, "about": func(n *notice.Notice) string { return n.About },
		"entry": func(n *notice.Notice) string { return fmt.Sprint(n.Entry) },
	},
}

// TestNoticeKinds reads notices of all kinds by the grammar or the schema of each
// format: they are one line each, and each field comes back as it was.
func TestNoticeKinds(t *testing.T) {
	types := ecsTypes(t)
	for what, n := range noticeKinds() {
		for _, f := range lineFormats {
			line := encodeNotices(t, f, *n)
			checkLines(t, f, line, 1)
			if parse := grammars[f]; parse != nil {
				fields, err := parse(strings.TrimSuffix(string(line), "\n"))
				if err != nil {
					t.Fatalf("%s: %s: %v in %q", what, f, err, line)
				}
				for key, text := range noticedBy[f] {
					if want := printable(text(n)); fields[key] != want {
						t.Errorf("%s: %s: %s = %q, want %q", what, f, key, fields[key], want)
					}
				}
			} else if !json.Valid(line) {
				t.Errorf("%s: %s: no JSON: %q", what, f, line)
			}
		}
		for _, bad := range ecsEvent(types, flatten("", decodeLines(t, encodeNotices(t, stream.ECS, *n))[0])) {
			t.Errorf("%s: %s", what, bad)
		}
		var r otlpRecord
		strict(t, encodeNotices(t, stream.OTLP, *n), &r)
		checkAttributes(t, r.Attributes)
		if t.Failed() {
			return
		}
	}
}

// TestNoticeClasses: an alert is a Detection Finding, a change is one of Entity
// Management.
func TestNoticeClasses(t *testing.T) {
	var got []string
	for _, e := range decodeLines(t, encodeNotices(t, stream.OCSF, notices()...)) {
		got = append(got, fmt.Sprint(e["class_uid"], " ", e["activity_id"], " ", e["severity_id"]))
	}
	if want := []string{"2004 1 4", "2004 1 3", "3004 3 1", "3004 2 3", "3004 2 2", "3004 3 2"}; !slices.Equal(got, want) {
		t.Errorf("classes, activities, severities %q, want %q", got, want)
	}
}

// TestTell: notices go through the queue as events do, to the streams that want
// them, and are still there after a restart.
func TestTell(t *testing.T) {
	dir := t.TempDir()
	config := func(name string, kinds ...stream.Kind) stream.Config {
		return stream.Config{Name: name, Dir: dir, To: "file://" + filepath.Join(dir, name+".jsonl"), Format: stream.JSON, Kinds: kinds, From: from}
	}
	all, alerts, use := config("all"), config("alerts", stream.KindAlert), config("use", stream.KindSighting, stream.KindFinding)
	metrics := stream.Config{Name: "metrics", Dir: dir, To: "otlp+https://collector.example", Format: stream.OTLPMetrics, From: from}
	g := stream.NewGroup()
	change, err := g.Prepare([]stream.Config{all, alerts, use, metrics})
	if err != nil {
		t.Fatal(err)
	}
	change.Apply()
	g.Tell(notices())
	g.Record(samples())
	want := []int64{13, 2, 6, 6} // of the samples one is blind
	for i, s := range g.Streams() {
		if got := s.Stats().Queued; got != want[i] {
			t.Errorf("%s has %d records, want %d", s.Name(), got, want[i])
		}
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := stream.Open(alerts)
	if err != nil {
		t.Fatal(err)
	}
	stop := start(t, s)
	await(t, "the alerts", func() bool { return s.Stats().Sent == 2 && s.Stats().Bytes == 0 })
	stop()
	if got, want := fileIDs(t, filepath.Join(dir, "alerts.jsonl")), []string{notices()[0].ID, notices()[1].ID}; !slices.Equal(got, want) || s.Stats().Damaged != 0 {
		t.Errorf("got %q, want %q, %d damaged", got, want, s.Stats().Damaged)
	}
}

// TestKindsOfOneStream: a change of what is sent holds from the next record on.
func TestKindsOfOneStream(t *testing.T) {
	dir := t.TempDir()
	cfg := stream.Config{Name: "a", Dir: dir, To: "file://" + filepath.Join(dir, "a.jsonl"), From: from}
	g := stream.NewGroup()
	for _, step := range []struct {
		kinds []stream.Kind
		want  int64
	}{{nil, 6}, {[]stream.Kind{stream.KindAudit}, 10}, {[]stream.Kind{stream.KindBlind}, 10}, {nil, 16}} {
		cfg.Kinds = step.kinds
		change, err := g.Prepare([]stream.Config{cfg})
		if err != nil {
			t.Fatal(err)
		}
		change.Apply()
		g.Tell(notices())
		if got := g.Streams()[0].Stats().Queued; got != step.want {
			t.Errorf("after %v: %d queued, want %d", step.kinds, got, step.want)
		}
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestCheckKinds(t *testing.T) {
	for _, tt := range []struct {
		name   string
		kinds  []stream.Kind
		format stream.Format
		to     string
		want   string
	}{
		{"known", []stream.Kind{stream.KindAlert, stream.KindAudit}, "", "https://siem.example", ""},
		{"none", nil, "", "https://siem.example", ""},
		{"unknown", []stream.Kind{"alarm"}, "", "https://siem.example", `kinds: expected some of sighting, finding, blind, alert, audit, got "alarm"`},
		{"twice", []stream.Kind{"alert", "alert"}, "", "https://siem.example", "kinds: alert stands there twice"},
		{"metrics", []stream.Kind{"alert"}, stream.OTLPMetrics, "otlp+https://c.example", `kinds: expected some of sighting, finding, got "alert"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			if err := (&stream.Config{Name: "a", To: tt.to, Format: tt.format, Kinds: tt.kinds}).Check(); err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestNoticesSayNoMore: no member of an event stands in what is told of a notice.
func TestNoticesSayNoMore(t *testing.T) {
	for _, f := range lineFormats {
		got := encodeNotices(t, f, notices()[0])
		for _, foreign := range []string{"coverage", "recognised", "http", "unknown.", "observe\""} {
			if bytes.Contains(got, []byte(foreign)) {
				t.Errorf("%s holds %s: %s", f, foreign, got)
			}
		}
	}
}
