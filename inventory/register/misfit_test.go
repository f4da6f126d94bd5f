package register_test

import (
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/register"
	"github.com/gnomon-proxy/gnomon/traffic"
)

func TestMisfit(t *testing.T) {
	rows := []inventory.Service{
		{ID: "chatgpt", Category: "chat assistant", Status: traffic.StatusUnreviewed},
		{ID: "openai-api", Category: "API platform", Status: traffic.StatusApproved},
	}
	for _, tt := range []struct {
		name  string
		where []string
		want  string
	}{
		{"no such value", []string{"category=chat"}, "no service has category=chat: there is API platform, chat assistant"},
		{"no value at all", []string{"owner=ann"}, "no service has owner=ann: there is none that has any owner"},
		{"not both", []string{"category=chat assistant", "status=approved"}, "no service meets all conditions at once"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, err := register.ParseFilter(tt.where)
			if err != nil {
				t.Fatal(err)
			}
			if got := f.Misfit(rows); !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
