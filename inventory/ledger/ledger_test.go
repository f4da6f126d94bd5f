package ledger_test

import (
	"encoding/hex"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

func entries(n int) []ledger.Entry {
	var c ledger.Chain
	list := make([]ledger.Entry, n)
	for i := range list {
		list[i] = ledger.Entry{
			Time: time.Date(2026, 11, 1, 0, 0, i, 123456789, time.UTC), Kind: "decision", Subject: "openai", By: "ann",
			Data: json.RawMessage(`{"status":"approved"}`),
		}
		c.Extend(&list[i])
	}
	return list
}

func follow(list []ledger.Entry) error {
	var c ledger.Chain
	for i := range list {
		if err := c.Follow(&list[i]); err != nil {
			return err
		}
	}
	return nil
}

// TestHash holds the form of the hash: packs of earlier versions rely on it.
func TestHash(t *testing.T) {
	const want = "643fd3d17a1e683ee9e1453f83868bd30c2bbf165048aebd95c8f2cd492ab96d"
	if got := entries(2)[1].Hash.String(); got != want {
		t.Errorf("hash = %s, want %s", got, want)
	}
}

func TestTampering(t *testing.T) {
	if err := follow(entries(5)); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(l []ledger.Entry) []ledger.Entry{
		"kind":     func(l []ledger.Entry) []ledger.Entry { l[2].Kind = "field"; return l },
		"subject":  func(l []ledger.Entry) []ledger.Entry { l[2].Subject += "x"; return l },
		"by":       func(l []ledger.Entry) []ledger.Entry { l[2].By = "bob"; return l },
		"time":     func(l []ledger.Entry) []ledger.Entry { l[2].Time = l[2].Time.Add(time.Millisecond); return l },
		"data":     func(l []ledger.Entry) []ledger.Entry { l[2].Data = json.RawMessage(`{}`); return l },
		"border":   func(l []ledger.Entry) []ledger.Entry { l[2].Subject, l[2].By = "openaia", "nn"; return l },
		"removed":  func(l []ledger.Entry) []ledger.Entry { return slices.Delete(l, 2, 3) },
		"first":    func(l []ledger.Entry) []ledger.Entry { return l[1:] },
		"swapped":  func(l []ledger.Entry) []ledger.Entry { l[2], l[3] = l[3], l[2]; return l },
		"repeated": func(l []ledger.Entry) []ledger.Entry { return slices.Insert(l, 2, l[2]) },
		"forged":   func(l []ledger.Entry) []ledger.Entry { c := ledger.Chain{Seq: 2}; c.Extend(&l[2]); return l },
	} {
		t.Run(name, func(t *testing.T) {
			if err := follow(change(entries(5))); err == nil {
				t.Error("not noticed")
			}
		})
	}
}

// TestJSON shows that an entry keeps its hash on its way through a file.
func TestJSON(t *testing.T) {
	list := entries(3)
	b, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	var back []ledger.Entry
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if err := follow(back); err != nil {
		t.Error(err)
	}
	var h ledger.Hash
	for _, bad := range []string{"", "00", "zz", string(make([]byte, 64))} {
		if err := h.UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("hash %q was read", bad)
		}
	}
}

// TestTree compares with the roots of RFC 6962's reference implementation
// (github.com/google/certificate-transparency, cpp/merkletree/merkle_tree_test.cc).
func TestTree(t *testing.T) {
	leaves := []string{"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"}
	roots := []string{
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	}
	var tree ledger.Tree
	for i, want := range roots {
		if got := tree.Root().String(); got != want || tree.Len() != int64(i) {
			t.Errorf("root of %d leaves = %s (%d), want %s", i, got, tree.Len(), want)
		}
		if i < len(leaves) {
			raw, _ := hex.DecodeString(leaves[i])
			tree.Add(ledger.Leaf(raw))
		}
	}
}

func TestParseChain(t *testing.T) {
	want := ledger.Chain{Seq: 12, Head: entries(1)[0].Hash}
	if got, err := ledger.ParseChain(want.String()); got != want || err != nil {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
	for _, bad := range []string{"", "12", ":", "12:", "-1:" + want.Head.String(), "x:" + want.Head.String(), "12:" + want.Head.String() + "0", "12 " + want.Head.String()} {
		if c, err := ledger.ParseChain(bad); err == nil {
			t.Errorf("%q was read as %v", bad, c)
		}
	}
}
