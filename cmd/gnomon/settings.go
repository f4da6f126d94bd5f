package main

import (
	"encoding"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/strictyaml"
)

// Settings are all settings of the gateway. They come from defaultSettings,
// then the settings file, then GNOMON_* variables, then flags; loadSettings
// puts them together. The tags say for people (help), for the schema (enum) and
// for relative paths (path) what a field holds.
type Settings struct {
	StateDir    string            `yaml:"state_dir" path:"one" help:"folder of the CA, the keys and the inventory"`
	RulesDir    string            `yaml:"rules_dir" path:"one" help:"folder of your own rules, laid over the embedded ones"`
	RulesShared bool              `yaml:"rules_shared" help:"lay the rules that were published for all gateways of an inventory (gnomon rules publish) over those of rules_dir; it matters where inventory.store is a Redis"`
	Proxy       ProxySettings     `yaml:"proxy"`
	Console     ConsoleSettings   `yaml:"console"`
	Inventory   InventorySettings `yaml:"inventory"`
	DLP         DLPSettings       `yaml:"dlp"`
	Sniffer     SnifferSettings   `yaml:"sniffer"`
	Users       UsersSettings     `yaml:"users"`
	Privacy     PrivacySettings   `yaml:"privacy"`
	Log         LogSettings       `yaml:"log"`
	Events      []EventSettings   `yaml:"events" path:"many" help:"other systems that get what the inventory records"`
}

// ProxySettings are those of the forward proxy.
type ProxySettings struct {
	Listen          string            `yaml:"listen" help:"address of the proxy; port 0 takes a free one"`
	Intercept       []string          `yaml:"intercept" help:"hosts to inspect beyond the catalogue: exact, or *.suffix"`
	UpstreamCAFiles []string          `yaml:"upstream_ca_files" path:"many" help:"PEM files with roots trusted beside the system's"`
	AllowPrivate    []netip.Prefix    `yaml:"allow_private" help:"loopback and private networks that may be reached through the proxy"`
	Resolve         map[string]string `yaml:"resolve" help:"addresses of hosts, instead of DNS: host to address or address:port"`
	Clients         []netip.Prefix    `yaml:"clients" help:"networks of the clients that may use the proxy; none: this machine only"`
	AuthFile        string            `yaml:"auth_file" path:"one" help:"file with the users that may use the proxy"`
	ConnectPorts    []uint16          `yaml:"connect_ports" help:"ports that clients may connect to, with CONNECT or plain HTTP, beside those of resolve; plain HTTP may use 80 in any case"`
	MaxScanBytes    strictyaml.Size   `yaml:"max_scan_bytes" help:"how much of one request body is scanned"`
	ScanMemory      strictyaml.Size   `yaml:"scan_memory" help:"memory for the bodies that are being scanned, in all"`
	Grace           time.Duration     `yaml:"grace" help:"how long connections may go on when the gateway stops"`
}

// ConsoleSettings are those of the console and its API.
type ConsoleSettings struct {
	Listen string       `yaml:"listen" help:"address of the console; port 0 takes a free one"`
	URL    string       `yaml:"url" help:"URL under which people reach the console, where that is another one: behind a proxy with TLS"`
	OIDC   OIDCSettings `yaml:"oidc"`
}

// InventorySettings are those of the register.
type InventorySettings struct {
	Store   string `yaml:"store" help:"where the inventory is kept: sqlite, or the URL of a Redis: redis://, rediss://, redis-sentinel://h1,h2/master, redis-cluster://"`
	KeyFile string `yaml:"key_file" path:"one" help:"file with the key under which gateways that share a Redis share their keys of pseudonyms; default: inventory.key in state_dir. The first gateway makes it; copy it to the others"`

	Retention RetentionSettings `yaml:"retention"`
}

// DLPSettings are those of the search for sensitive data.
type DLPSettings struct {
	OCRCommand   []string      `yaml:"ocr_command" help:"command with its arguments that reads an image from standard input and prints its text; no shell. None: images are not inspected"`
	OCRTimeout   time.Duration `yaml:"ocr_timeout" help:"how long the command may take for one image; it is then killed with its children"`
	OCRProcesses uint16        `yaml:"ocr_processes" help:"how many of the commands may run at one time"`

	Vault VaultSettings `yaml:"vault"`
}

// SnifferSettings are those of the passive sensors.
type SnifferSettings struct {
	Interfaces    []string       `yaml:"interfaces" help:"network interfaces to watch"`
	Filter        string         `yaml:"filter" enum:"all,names" help:"what the kernel lets through: all packets, or only those that can hold a name"`
	Logs          []string       `yaml:"logs" path:"many" help:"logs of other systems to follow"`
	Syslog        string         `yaml:"syslog" help:"address on which to take other systems' logs by syslog, UDP and TCP"`
	SyslogTLS     string         `yaml:"syslog_tls" help:"address on which to take them over TLS"`
	SyslogSenders []netip.Prefix `yaml:"syslog_senders" help:"networks that may send logs; none: this machine only, and who has a certificate of syslog_client_ca_file"`

	SyslogCertFile     string `yaml:"syslog_cert_file" path:"one" help:"PEM file with the certificate of syslog_tls; read anew when it changes"`
	SyslogKeyFile      string `yaml:"syslog_key_file" path:"one" help:"PEM file with the key of the certificate"`
	SyslogClientCAFile string `yaml:"syslog_client_ca_file" path:"one" help:"PEM file with roots; over TLS, senders must then show a certificate of theirs; read anew when it changes"`
}

// UsersSettings tell who a client is.
type UsersSettings struct {
	Leases []string `yaml:"leases" path:"many" help:"files of DHCP leases that name the clients"`
}

// LogSettings are those of the gateway's own log.
type LogSettings struct {
	Level  string `yaml:"level" enum:"debug,info,warn,error" help:"least level that is logged"`
	Format string `yaml:"format" enum:"text,json" help:"form of a log line"`
}

// defaultSettings returns the defaults of all settings.
func defaultSettings() Settings {
	return Settings{
		StateDir:    defaultStateDir(os.Getenv),
		RulesShared: true,
		Proxy: ProxySettings{
			Listen:       "127.0.0.1:8080",
			ConnectPorts: []uint16{80, 443},
			MaxScanBytes: 32 << 20,
			ScanMemory:   512 << 20,
			Grace:        10 * time.Second,
		},
		Console:   ConsoleSettings{Listen: "127.0.0.1:8081"},
		Inventory: InventorySettings{Store: "sqlite", Retention: defaultRetention()},
		Privacy:   PrivacySettings{K: 5, OwnPage: true, Rotate: defaultRotate},
		DLP:       DLPSettings{OCRTimeout: 20 * time.Second, OCRProcesses: 2, Vault: defaultVault()},
		Sniffer:   SnifferSettings{Filter: "all"},
		Log:       LogSettings{Level: "info", Format: "text"},
	}
}

// defaultStateDir is where systemd, else the XDG base directory specification,
// wants state to be; "" when the environment names no place.
func defaultStateDir(getenv func(string) string) string {
	if dir, _, _ := strings.Cut(getenv("STATE_DIRECTORY"), ":"); dir != "" {
		return dir
	}
	if dir := getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "gnomon")
	}
	if home := getenv("HOME"); filepath.IsAbs(home) {
		return filepath.Join(home, ".local", "state", "gnomon")
	}
	return ""
}

// configError is an error in the settings or the rule files: the command ends
// with exitConfig.
type configError struct{ err error }

func (e *configError) Error() string { return e.err.Error() }

func (e *configError) Unwrap() error { return e.err }

// setting is one settable field of Settings.
type setting struct {
	key   string // "proxy.listen"
	value reflect.Value
	tag   reflect.StructTag
}

// all returns the settings of s, in their order; setting their values changes s.
func (s *Settings) all() []setting { return appendSettings(nil, "", reflect.ValueOf(s).Elem()) }

func appendSettings(out []setting, prefix string, v reflect.Value) []setting {
	for i := range v.NumField() {
		f, fv := v.Type().Field(i), v.Field(i)
		key := prefix + f.Tag.Get("yaml")
		if _, text := fv.Addr().Interface().(encoding.TextUnmarshaler); fv.Kind() == reflect.Struct && !text {
			out = appendSettings(out, key+".", fv)
			continue
		}
		out = append(out, setting{key, fv, f.Tag})
	}
	return out
}

// path returns the keys on the way to the setting.
func (s *setting) path() (p []any) {
	for key := range strings.SplitSeq(s.key, ".") {
		p = append(p, key)
	}
	return p
}

// variable returns the name of the environment variable of the setting.
func (s *setting) variable() string {
	return "GNOMON_" + strings.ToUpper(strings.ReplaceAll(s.key, ".", "_"))
}

// flag returns the name of the flag of the setting.
func (s *setting) flag() string { return strings.NewReplacer(".", "-", "_", "-").Replace(s.key) }

// isMap reports whether the setting goes past viper: it lower-cases the keys of
// maps, and streams of events are of a form of their own.
func (s *setting) isMap() bool { return s.value.Kind() == reflect.Map || s.fileOnly() }

// fileOnly reports whether only a settings file can hold the setting: no flag or
// variable has room for it.
func (s *setting) fileOnly() bool { return s.value.Type() == eventsType }

// setText sets the value from the text of a variable or flag: lists are
// separated by commas, maps are written as host=address,host=address.
func (s *setting) setText(text string) error {
	switch s.value.Kind() {
	case reflect.Slice:
		list := reflect.MakeSlice(s.value.Type(), 0, 4)
		for item := range items(text) {
			one := reflect.New(s.value.Type().Elem()).Elem()
			if err := strictyaml.SetText(one, item); err != nil {
				return err
			}
			list = reflect.Append(list, one)
		}
		s.value.Set(list)
	case reflect.Map:
		m := reflect.MakeMap(s.value.Type())
		for item := range items(text) {
			k, v, ok := strings.Cut(item, "=")
			if !ok {
				return fmt.Errorf("expected host=address,host=address, got %.40q", item)
			}
			m.SetMapIndex(reflect.ValueOf(strings.TrimSpace(k)), reflect.ValueOf(strings.TrimSpace(v)))
		}
		s.value.Set(m)
	default:
		return strictyaml.SetText(s.value, text)
	}
	return nil
}

// items yields the parts of a list that is separated by commas.
func items(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for item := range strings.SplitSeq(text, ",") {
			if item = strings.TrimSpace(item); item != "" && !yield(item) {
				return
			}
		}
	}
}
