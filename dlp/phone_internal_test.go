package dlp

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

var updatePlans = flag.Bool("update", false, "write dialplans.txt anew")

// TestDialPlans holds that dialplans.txt is what the library's metadata says.
func TestDialPlans(t *testing.T) {
	all, err := phonenumbers.MetadataCollection()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("# Region, country code, trunk prefixes, lengths, patterns of all kinds of numbers. From the metadata of libphonenumber (Apache\n# License 2.0, https://github.com/google/libphonenumber). Written by `go test ./dlp -run TestDialPlans -update`.\n")
	for _, m := range all.GetMetadata() {
		trunk := m.GetNationalPrefixForParsing()
		if strings.ContainsAny(trunk, "()[]?*\\") {
			trunk = m.GetNationalPrefix()
		}
		if trunk == "" {
			trunk = "-"
		}
		var sizes, patterns []string
		for _, n := range m.GetGeneralDesc().GetPossibleLength() {
			sizes = append(sizes, fmt.Sprint(n))
		}
		for _, d := range kindsOf(m) {
			if p := d.GetNationalNumberPattern(); p != "" && p != "NA" && !slices.Contains(patterns, p) {
				patterns = append(patterns, p)
			}
		}
		fmt.Fprintf(&b, "%s %d %s %s %s\n", m.GetId(), m.GetCountryCode(), trunk, strings.Join(sizes, ","), strings.Join(patterns, "|"))
	}
	if *updatePlans {
		if err := os.WriteFile("dialplans.txt", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if b.String() != dialPlanFile {
		t.Error("dialplans.txt is not what the library says: run `go test ./dlp -run TestDialPlans -update`")
	}
	for code, p := range plans().byCode {
		if p != nil && (p.auto() == nil || p.sizes == 0) {
			t.Errorf("the plan of +%d is no good", code)
		}
	}
	for region, p := range plans().byRegion {
		if p.auto() == nil {
			t.Errorf("the plan of %s is no good", region)
		}
	}
}

func kindsOf(m *phonenumbers.PhoneMetadata) []*phonenumbers.PhoneNumberDesc {
	return []*phonenumbers.PhoneNumberDesc{
		m.GetFixedLine(), m.GetMobile(), m.GetTollFree(), m.GetPremiumRate(), m.GetSharedCost(),
		m.GetPersonalNumber(), m.GetVoip(), m.GetPager(), m.GetUan(), m.GetVoicemail(),
	}
}

// TestDialledAsLibrary compares the plans with the library, number by number: its
// examples of each region and kind, and those with some digits changed.
func TestDialledAsLibrary(t *testing.T) {
	all, err := phonenumbers.MetadataCollection()
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(5, 6))
	compared, valid, differ := 0, 0, 0
	for _, m := range all.GetMetadata() {
		for _, d := range kindsOf(m) {
			example := d.GetExampleNumber()
			if example == "" || len(example) < 5 {
				continue
			}
			for round := range 5 {
				number := []byte(example)
				for range round {
					number[r.IntN(len(number))] = byte('0' + r.IntN(10))
				}
				if round == 4 {
					number = append(number, '1')
				}
				full := fmt.Appendf(nil, "%d%s", m.GetCountryCode(), number)
				if len(full) < 8 || len(full) > 15 {
					continue
				}
				n, err := phonenumbers.Parse("+"+string(full), "ZZ")
				want := err == nil && phonenumbers.IsValidNumber(n)
				compared++
				if want {
					valid++
				}
				if got := dialled(full); got != want {
					if differ++; differ < 20 {
						t.Logf("dialled(+%s) = %v, the library says %v", full, got, want)
					}
				}
			}
		}
	}
	if valid < 1000 || differ*1000 > compared {
		t.Errorf("%d compared, %d of them valid, %d differ: want one in a thousand at most", compared, valid, differ)
	}
}
