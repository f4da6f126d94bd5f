package redis_test

import (
	"fmt"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/testredis"
	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/redis"
)

// during records a little all the time, until stop is called, which returns how
// much it was.
func during(t *testing.T, v *inventory.Inventory) (stop func() int64) {
	end, n := make(chan struct{}), make(chan int64)
	go func() {
		for i := int64(0); ; i++ {
			select {
			case <-end:
				n <- i
				return
			case <-time.After(time.Millisecond):
				record(t, v, fmt.Sprintf("during-%d", i), 1)
			}
		}
	}()
	return func() int64 { close(end); return <-n }
}

// TestSentinel kills the master of three sentinels while sightings are recorded:
// the replica takes over, and all that was recorded is there, once.
func TestSentinel(t *testing.T) {
	t.Parallel()
	master := testredis.Start(t)
	host, port, _ := net.SplitHostPort(master.Addr)
	replica := testredis.Start(t, "--replicaof", host+" "+port)
	await(t, "the replica", func() bool {
		info, _ := testredis.Do(master.Addr, "INFO", "replication")
		return strings.Contains(info, "state=online")
	})
	var sentinels []*testredis.Server
	var addrs []string
	for range 3 {
		s := testredis.StartSentinel(t, "main", master.Addr, 2)
		sentinels, addrs = append(sentinels, s), append(addrs, s.Addr)
	}
	await(t, "sentinels that know each other and the replica", func() bool {
		for _, s := range sentinels {
			ok, _ := testredis.Do(s.Addr, "SENTINEL", "CKQUORUM", "main")
			masters, _ := testredis.Do(s.Addr, "INFO", "sentinel")
			if !strings.HasPrefix(ok, "+OK 3 usable") || !strings.Contains(masters, "slaves=1") {
				return false
			}
		}
		return true
	})
	s := open(t, "redis-sentinel://"+strings.Join(addrs, ",")+"/main")
	v := run(t, s)
	record(t, v, "before", 100)
	await(t, "sightings in Redis", func() bool { return v.Durable() == 100 && v.Stats().SpoolBytes == 0 })
	decide(t, v, "before")
	stop := during(t, v)
	time.Sleep(300 * time.Millisecond)
	master.Kill()
	await(t, "the fault is noticed", func() bool { return v.Health() != nil })
	await(t, "a new master", func() bool {
		role, _ := testredis.Do(replica.Addr, "INFO", "replication")
		return strings.Contains(role, "role:master")
	})
	await(t, "an empty spool", func() bool { return v.Health() == nil && v.Stats().SpoolBytes == 0 })
	n := stop()
	await(t, "all is durable", func() bool { return v.Durable() == 100+n && v.Stats().SpoolBytes == 0 })
	if got := v.Stats(); got.Spilled == 0 || got.Dropped != 0 {
		t.Errorf("stats = %+v", got)
	}
	whole(t, s, 100+n)
	decide(t, v, "after")
	master.Restart() // comes back as a replica: its own sightings of the last moment were not acknowledged
	await(t, "the old master follows", func() bool {
		role, _ := testredis.Do(master.Addr, "INFO", "replication")
		return strings.Contains(role, "role:slave") && strings.Contains(role, "master_link_status:up")
	})
	record(t, v, "at the end", 10)
	await(t, "all is durable", func() bool { return v.Durable() == 110+n && v.Stats().SpoolBytes == 0 })
	whole(t, s, 110+n)
	if got := len(v.Book().History(inventory.TopicDecision, "test")); got != 2 {
		t.Errorf("%d decisions, want 2", got)
	}
}

func decide(t *testing.T, v *inventory.Inventory, reason string) {
	t.Helper()
	if _, err := v.Decide(t.Context(), inventory.Change{Service: "test", Verb: inventory.Approve, By: "ann", Reason: reason}); err != nil {
		t.Fatal(err)
	}
}

// TestCluster keeps an inventory in a cluster of three masters, on one of them,
// moves to another while that one is away, and back.
func TestCluster(t *testing.T) {
	t.Parallel()
	var nodes []*testredis.Server
	args := []string{"--cluster", "create"}
	for range 3 {
		n := testredis.Start(t, "--cluster-enabled", "yes", "--cluster-node-timeout", "5000")
		nodes, args = append(nodes, n), append(args, n.Addr)
	}
	if out, err := exec.Command("redis-cli", append(args, "--cluster-yes")...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	await(t, "the cluster", func() bool {
		for _, n := range nodes {
			if info, err := testredis.Do(n.Addr, "CLUSTER", "INFO"); err != nil || !strings.Contains(info, "cluster_state:ok") {
				return false
			}
		}
		return true
	})
	s := open(t, "redis-cluster://"+nodes[0].Addr+","+nodes[1].Addr)
	v := run(t, s)
	record(t, v, "before", 100)
	await(t, "sightings in Redis", func() bool { return v.Durable() == 100 && v.Stats().SpoolBytes == 0 })
	decide(t, v, "before")
	var holder *testredis.Server
	for _, n := range nodes {
		if answer, _ := testredis.Do(n.Addr, "EXISTS", "{gnomon}:end"); answer == ":1" {
			holder = n
		}
	}
	if holder == nil {
		t.Fatal("no node has the inventory")
	}
	stop := during(t, v)
	time.Sleep(200 * time.Millisecond)
	holder.Kill()
	await(t, "the fault is noticed", func() bool { return v.Health() != nil })
	holder.Restart()
	await(t, "an empty spool", func() bool { return v.Health() == nil && v.Stats().SpoolBytes == 0 })
	n := stop()
	await(t, "all is durable", func() bool { return v.Durable() == 100+n && v.Stats().SpoolBytes == 0 })
	whole(t, s, 100+n)
	if _, err := s.Prune(t.Context(), inventory.Cutoffs{Sightings: time.Now().Add(time.Hour)}); err != nil {
		t.Error(err)
	}
}

// TestReplicas: without the replica that is asked for sightings are not taken
// for merged.
func TestReplicas(t *testing.T) {
	t.Parallel()
	master := testredis.Start(t)
	host, port, _ := net.SplitHostPort(master.Addr)
	replica := testredis.Start(t, "--replicaof", host+" "+port)
	await(t, "the replica", func() bool {
		info, _ := testredis.Do(master.Addr, "INFO", "replication")
		return strings.Contains(info, "state=online")
	})
	s := open(t, "redis://"+master.Addr+"?replicas=1")
	if err := s.Merge(t.Context(), users("a", 10, true)); err != nil {
		t.Fatal(err)
	}
	replica.Pause()
	events := users("b", 10, true)
	if err := s.Merge(timeout(t, 500*time.Millisecond), events); err == nil {
		t.Error("merged, and the replica does not have it")
	}
	replica.Continue()
	for i := range events {
		events[i].Fresh = false
	}
	await(t, "the replica has them", func() bool { return s.Merge(t.Context(), events) == nil })
	whole(t, s, 20)
}

func TestParseURL(t *testing.T) {
	for url, want := range map[string]string{
		"redis://h":                              "redis://h:6379",
		"redis://u:p%40@h:1/3":                   "redis://h:1",
		"rediss://u:a@b@h/0?ca=/x&name=lab":      "rediss://h:6379",
		"redis://[::1]:7?replicas=2":             "redis://[::1]:7",
		"redis-sentinel://p:w@a,b:2/main":        "redis-sentinel://a:26379,b:2/main",
		"redis-sentinel://a/main/2?tls=true":     "redis-sentinel://a:26379/main",
		"redis-cluster://u:p@a:1,b?name=x&tls=1": "redis-cluster://a:1,b:6379",
	} {
		o, err := redis.ParseURL(url)
		if got := o.Place(); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", url, got, err, want)
		}
	}
	for _, url := range []string{
		"", "sqlite", "http://hunter2@h", "redis://", "redis://hunter2%zz@h", "redis://:hunter2@h:x", "redis://h,i", "redis://h/hunter2", "redis://h?hunter2=1",
		"redis://h?ca=hunter2", "rediss://h?cert=hunter2", "redis-sentinel://hunter2@h", "redis-sentinel:///hunter2", "redis-cluster://h/1", "redis://h?replicas=hunter2",
		"redis://h?tls=hunter2", "redis://h?%hunter2", "redis://hunter2@:1", "redis://h:99999", "redis://h?name={hunter2}",
	} {
		if o, err := redis.ParseURL(url); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %+v, %v; want an error that does not quote it", url, o, err)
		}
	}
	o, err := redis.ParseURL("redis://u:p%40s%2F@h")
	if err != nil || o.User != "u" || o.Password != "p@s/" {
		t.Errorf("%+v, %v", o, err)
	}
}
