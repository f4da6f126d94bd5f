package dlp

import "testing"

// TestValidators holds each check against published examples (of the
// authorities, or made by their rule) and against neighbours that must fail.
func TestValidators(t *testing.T) {
	for _, tt := range []struct {
		name    string
		good    []string
		bad     []string
		mutable bool // the check finds every single wrong digit
	}{
		{name: "luhn", good: []string{"79927398713", "4111111111111111"}, bad: []string{"0000000000", "1"}, mutable: true},
		{name: "verhoeff", good: []string{"2363", "84736430954837284567892"}, mutable: true},
		{name: "iso7064_11_2", good: []string{"0000000218250097", "079X"}, bad: []string{"X079"}, mutable: true},
		{name: "mod97", good: []string{"539007547034RF18"}, bad: []string{"1"}},
		{name: "card", good: []string{"4111 1111 1111 1111", "378282246310005", "6011111111111117", "3530111333300000", "30569309025904", "2223003122003222", "6200000000000005"}, bad: []string{"79927398713", "1111111111111117", "411111111111111"}, mutable: true},
		{name: "iban", good: []string{"GB82 WEST 1234 5698 7654 32", "DE89370400440532013000", "NO9386011117947", "MT84MALT011000012345MTLCAST001S", "FR1420041010050500013M02606"}, bad: []string{"XX82WEST12345698765432", "DE893704004405320130001"}},
		{name: "aba", good: []string{"021000021", "111000025"}, bad: []string{"000000000"}, mutable: true},
		{name: "ar_cuit", good: []string{"20-05536168-2"}},
		{name: "at_svnr", good: []string{"1237 010180"}},
		{name: "au_abn", good: []string{"51 824 753 556"}},
		{name: "au_tfn", good: []string{"123 456 782"}},
		{name: "be_nn", good: []string{"85.07.30-033 28", "17 07 30 033 84"}},
		{name: "bg_egn", good: []string{"7523169263", "8032056031"}},
		{name: "br_cnpj", good: []string{"16.727.230/0001-97"}, bad: []string{"16.727.230/0001-98"}},
		{name: "br_cpf", good: []string{"390.533.447-05"}, bad: []string{"111.111.111-11", "390.533.447-06"}},
		{name: "ca_sin", good: []string{"046 454 286"}, mutable: true},
		{name: "ch_ahv", good: []string{"756.9217.0769.85"}, mutable: true},
		{name: "cl_rut", good: []string{"12.531.909-2", "30.686.957-4"}, bad: []string{"12.531.909-K"}},
		{name: "cn_ric", good: []string{"11010519491231002X", "360426199101010071"}, bad: []string{"110105194912310021"}},
		{name: "cz_rc", good: []string{"710319/2745"}},
		{name: "de_steuerid", good: []string{"36 574 261 809"}, bad: []string{"11111111111"}, mutable: true},
		{name: "dk_cpr", good: []string{"211062-5629"}, bad: []string{"321062-5629", "211362-5629"}},
		{name: "ee_ik", good: []string{"37605030299"}},
		{name: "es_dni", good: []string{"12345678Z", "X-1234567-L", "Z1234567R"}, bad: []string{"12345678A", "00000000T"}},
		{name: "fi_hetu", good: []string{"131052-308T", "010150-1130"}, bad: []string{"131052-308U", "321052-308T"}},
		{name: "fr_nir", good: []string{"2 95 10 99 126 111 93", "295109912611193"}, bad: []string{"295139912611193"}},
		{name: "gr_amka", good: []string{"01013099997"}},
		{name: "hr_oib", good: []string{"33392005961"}, mutable: true},
		{name: "ie_pps", good: []string{"6433435F", "6433435OA"}, bad: []string{"6433435E"}},
		{name: "in_aadhaar", good: []string{"2341 2341 2346"}, bad: []string{"1234 1234 1234"}, mutable: true},
		{name: "it_cf", good: []string{"RSSMRA85T10A562S"}, bad: []string{"RSSMRA85T10A562T"}},
		{name: "kr_rrn", good: []string{"900101-1234568"}},
		{name: "mx_curp", good: []string{"BOXW310820HNERXN09"}, bad: []string{"BOXW310820HNERXN08", "BOXW311320HNERXN09"}},
		{name: "nl_bsn", good: []string{"111222333"}, bad: []string{"000000000"}, mutable: true},
		{name: "no_fnr", good: []string{"15108695088"}, bad: []string{"15108695077"}},
		{name: "pl_pesel", good: []string{"44051401359"}},
		{name: "pt_nif", good: []string{"501 964 843"}},
		{name: "ro_cnp", good: []string{"1630615123457"}},
		{name: "se_pnr", good: []string{"811218-9876", "19811218-9876"}, bad: []string{"811318-9876"}},
		{name: "sg_nric", good: []string{"S0000001I"}, bad: []string{"S0000001J"}},
		{name: "sg_uen", good: []string{"00192200M", "197401143C"}, bad: []string{"00192200K"}},
		{name: "tr_tckn", good: []string{"10000000146"}},
		{name: "uk_nhs", good: []string{"943 476 5919"}, mutable: true},
		{name: "uk_nino", good: []string{"AB123456C"}, bad: []string{"QQ123456C", "GB123456C", "AO123456C"}},
		{name: "us_ein", good: []string{"12-3456789"}, bad: []string{"07-1234567"}},
		{name: "us_itin", good: []string{"912-70-1234"}, bad: []string{"912-40-1234", "812-70-1234"}},
		{name: "us_ssn", good: []string{"536-90-4399"}, bad: []string{"000-12-3456", "666-12-3456", "900-12-3456", "123-00-4567", "123-45-0000", "078-05-1120"}},
		{name: "za_id", good: []string{"7503305044089"}, bad: []string{"7513305044089"}},
		{name: "jwt", good: []string{"eyJhbGciOiJIUzI1NiJ9.e30.c2ln"}, bad: []string{"eyJuYW1lIjoiSm9obiJ9.e30.c2ln", "eyJ!.e30."}},
		{name: "basic", good: []string{"ZGVwbG95OnM5WGsyTG1RODQ="}, bad: []string{"c2lnbmF0dXJl", "!!!!", "/////w=="}},
		{name: "crc32_base62", bad: []string{"ghp_000000000000000000000000000000000000", "ghp_", "x"}},
		{name: "given_password", good: []string{"kitchen42", "AlleluiaSwing", "Kürbis&Quitte", "oats-honey"}, bad: []string{"fragt", "processing:", "my-password", "config.db", "$PW1", "/run/pw1", "DB_PW"}},
		{name: "given_word", good: []string{"bumblebee"}, bad: []string{"secret", "prod"}},
		{name: "set_password", good: []string{"pancake_with_syrup", "Salbei&Thymian", "Ostsee.Kutter3"}, bad: []string{"Blumentopf", "user-entry", "new_password1", "Wachtwoord", "RFC4519", "パスワードをMomiji#2241"}},
		{name: "password", good: []string{"Gr8!Falke92", "9f8Zk3LqW7xT2vB6nM1c"}, bad: []string{"", "shor1", "longwordonly", "${PASSWORD1}", "getToken1(", "ed25519.PrivateKey", "MY-API-KEY-2"}},
		{name: "pem", good: []string{"MIICXAIBAAKBgQDf0123"}, bad: []string{"-----BEGIN RSA PRIVATE KEY----- in the file"}},
		{name: "url_credential", good: []string{"s9Xk2LmQ84"}, bad: []string{"$PASS", "aaaa", "x"}},
		{name: "email", good: []string{"a@b.co"}, bad: []string{"git@github.com", "a..b@c.de", "a@b-.de"}},
		{name: "phone", good: []string{"+44 20 7946 0958"}, bad: []string{"12345", "1234567890123456", "1000000000"}},
		{name: "mixed", good: []string{"a1"}, bad: []string{"a", "1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			check := validators[tt.name]
			if check == nil {
				t.Fatalf("no validator %q", tt.name)
			}
			for _, v := range tt.good {
				if !check([]byte(v)) {
					t.Errorf("%q fails", v)
				}
				for i := range v {
					if !tt.mutable || !isDigit(v[i]) {
						continue
					}
					b := []byte(v)
					b[i] = '0' + (b[i]-'0'+1)%10
					if check(b) {
						t.Errorf("%q passes, one digit off %q", b, v)
					}
				}
			}
			for _, v := range tt.bad {
				if check([]byte(v)) {
					t.Errorf("%q passes", v)
				}
			}
		})
	}
}

// TestValidatorsAnyText holds that no check panics on a value that its pattern
// would not let through.
func TestValidatorsAnyText(t *testing.T) {
	texts := []string{"", "A", "0", "\xff\xff", "ABCDEFGHI", "ABCDEFGHIJKLMNOP", "0000000000000000000000000000000000000000000000000000", "X", "12345678\xff", "~~~~~~~~~~~~~~~~~~~~", "000000-000\xff", "@", "_"}
	for n := range 24 {
		texts = append(texts, "123456789012345678901234"[:n], "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[:n], "1A2B3C4D5E6F7G8H9I0J1K2L"[:n])
	}
	for name, check := range validators {
		for _, text := range texts {
			func() {
				defer func() {
					if p := recover(); p != nil {
						t.Errorf("%s panics on %q: %v", name, text, p)
					}
				}()
				check([]byte(text))
			}()
		}
	}
}

func TestEntropy(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want float64
	}{{"", 0}, {"aaaa", 0}, {"abab", 1}, {"abcd", 2}} {
		if got := entropy([]byte(tt.in)); got != tt.want {
			t.Errorf("entropy(%q) = %v, want %v", tt.in, got, tt.want)
		}
	}
}
