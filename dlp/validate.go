package dlp

import "math"

// validators are the checks that a detector may name. Each gets the value as it
// stands in the text and does not keep it. A nil function is never listed.
var validators = map[string]func(value []byte) bool{
	// numbers in general
	"luhn":         digitsPass(luhn),
	"verhoeff":     digitsPass(verhoeff),
	"iso7064_11_2": iso7064Mod112,
	"mod97":        mod97,
	"mod11_10":     digitsPass(iso7064Mod1110),

	// money
	"card": digitsPass(card),
	"iban": iban,
	"aba":  digitsPass(aba),

	"account":    accountNumber,
	"bic":        bic,
	"ch_esr":     digitsPass(chESR),
	"cusip":      cusip,
	"es_ccc":     digitsPass(esCCC),
	"figi":       figi,
	"fr_rib":     frRIB,
	"isin":       isin,
	"mod97_head": mod97Head,

	// national ids, by ISO 3166 country
	"ar_cuit":     digitsPass(arCUIT),
	"at_svnr":     digitsPass(atSVNR),
	"au_abn":      digitsPass(auABN),
	"au_tfn":      digitsPass(auTFN),
	"be_nn":       digitsPass(beNN),
	"bg_egn":      digitsPass(bgEGN),
	"br_cnpj":     digitsPass(brCNPJ),
	"br_cpf":      digitsPass(brCPF),
	"ca_sin":      digitsPass(caSIN),
	"ch_ahv":      digitsPass(chAHV),
	"cl_rut":      clRUT,
	"cn_ric":      cnRIC,
	"cz_rc":       digitsPass(czRC),
	"de_steuerid": digitsPass(deSteuerID),
	"dk_cpr":      digitsPass(dkCPR),
	"ee_ik":       digitsPass(eeIK),
	"es_dni":      esDNI,
	"fi_hetu":     fiHETU,
	"fr_nir":      frNIR,
	"gr_amka":     digitsPass(grAMKA),
	"hr_oib":      digitsPass(iso7064Mod1110),
	"ie_pps":      iePPS,
	"il_id":       digitsPass(luhn),
	"imei":        digitsPass(luhn),
	"in_aadhaar":  digitsPass(inAadhaar),
	"it_cf":       itCF,
	"kr_rrn":      digitsPass(krRRN),
	"mx_curp":     mxCURP,
	"nl_bsn":      digitsPass(nlBSN),
	"no_fnr":      digitsPass(noFNR),
	"pl_pesel":    digitsPass(plPESEL),
	"pt_nif":      digitsPass(ptNIF),
	"ro_cnp":      digitsPass(roCNP),
	"se_pnr":      digitsPass(sePNR),
	"sg_nric":     sgNRIC,
	"sg_uen":      sgUEN,
	"th_pin":      digitsPass(thPIN),
	"tr_tckn":     digitsPass(trTCKN),
	"uk_nhs":      digitsPass(ukNHS),
	"uk_nino":     ukNINO,
	"us_ein":      digitsPass(usEIN),
	"us_itin":     digitsPass(usITIN),
	"us_ssn":      digitsPass(usSSN),
	"za_id":       digitsPass(zaID),

	// tax and company numbers
	"br_cnh":        digitsPass(brCNH),
	"br_titulo":     digitsPass(brTitulo),
	"cy_vat":        cyVAT,
	"ec_ruc":        digitsPass(ecRUC),
	"es_catastral":  esCatastral,
	"es_cif":        esCIF,
	"fr_nif":        digitsPass(frNIF),
	"id_nik":        digitsPass(idNIK),
	"ie_vat":        ieVAT,
	"in_gstin":      inGSTIN,
	"kr_brn":        digitsPass(krBRN),
	"mx_rfc":        mxRFC,
	"no_org":        digitsPass(noOrg),
	"ro_cui":        digitsPass(roCUI),
	"sepa_creditor": sepaCreditor,
	"tr_vkn":        digitsPass(trVKN),
	"tw_id":         twID,
	"us_tin":        digitsPass(usTIN),

	// numbers of things
	"eic": eic,

	// other numbers of persons
	"de_kvnr":     deKVNR,
	"de_lanr":     digitsPass(deLANR),
	"de_svnr":     deSVNR,
	"es_nss":      digitsPass(esNSS),
	"lv_pk":       digitsPass(lvPK),
	"nl_document": nlDocument,
	"nz_nhi":      nzNHI,
	"document":    documentNumber,
	"pt_cc":       ptCC,
	"uk_driving":  ukDriving,
	"vin":         vin,

	// secrets
	"assigned":            assignedSecret,
	"plain_password":      plainPassword,
	"simple_password":     simplePassword,
	"strong_password":     strongPassword,
	"told_password":       toldPassword,
	"typed_password":      wordPassword,
	"given_password":      orElse(wordPassword, givenPassword),
	"given_mixed":         orElse(mixed, givenPassword),
	"given_word":          orElse(password, givenWord),
	"given_loose":         orElse(password, givenPassword),
	"set_password":        setPassword,
	"given_value":         setPassword,
	"word_told":           wordTold,
	"numbered_passphrase": numberedPassphrase,
	"escaped_password":    escapedPassword,
	"changed_password":    changedPassword,
	"told_passphrase":     toldPassphrase,
	"word_password":       wordPassword,
	"passphrase":          passphrase,
	"codes":               codes,
	"discord":             discord,
	"basic":               basic,
	"sasl_plain":          saslPlain,
	"compared":            assignedSecret,
	"crc32_base62":        crc32Base62,
	"jwt":                 jwt,
	"mixed":               mixed,
	"random":              random,
	"pem":                 pem,
	"password":            password,
	"password_loose":      urlCredential,
	"url_credential":      urlCredential,

	// crypto
	"base58check": base58Check,
	"bech32":      bech32,
	"eip55":       eip55,
	"bip39":       bip39,
	"seed_phrase": seedPhrase,

	// network
	"public_ip":  publicIP,
	"private_ip": privateIP,
	"ip6":        ip6,
	"mac":        mac,
	"host":       hostNamed,

	// persons
	"birth_date":        birthDate,
	"coordinates":       coordinates,
	checkPlainPair:      plainPair,
	"compass":           compass,
	"person":            personName,
	"person_given":      personGiven,
	"person_full":       personFull,
	"person_patronymic": personPatronymic,

	// text
	"cjk_injection": cjkInjection,
	"code":          code,
	"code_line":     codeInLine,
	checkHealth:     health,
	checkMark:       asked, // by markAt
	checkNumbered:   asked, // by readNumbered
	checkBank:       asked,
	checkCalled:     asked,
	checkPay:        pay,
	checkPaySpoken:  pay,
	checkPayFigure:  pay,
	checkHealthTold: healthTold,
	checkHealthTest: asked, // the pattern says enough
	"people_table":  peopleTable,

	// contacts
	"email":      email,
	"dialled":    dialled,
	"dialled_na": dialledInNorthAmerica,
	checkNear:    digitsPass(phone),
	checkPhone:   digitsPass(phone),
	"e164":       digitsPass(e164),

	checkAddress:         street,
	checkRole:            personBehindRole,
	checkAlone:           asked, // by alone
	"tagged_name":        taggedName,
	"tagged_health":      taggedHealth,
	"tagged_secret":      taggedSecret,
	"tagged_device":      taggedDevice,
	"person_lower":       personLower,
	"person_lower_pair":  personLowerPair,
	checkAddressShown:    street,
	checkAddressPostcode: street,
	checkAddressTown:     street,
	checkAddressPlace:    street,
	checkAddressNamed:    street,
	checkAddressNumbered: street,
}

// asked is the check of values about which all has been asked before they are judged.
func asked([]byte) bool { return true }

// cutters say how much of a match is a value, for validators of values whose
// length their first bytes tell. 0: nothing.
var cutters = map[string]func(match []byte) int{
	"assigned":        cutAssigned,
	"plain_password":  cutPassword,
	"strong_password": cutPassword,
	"told_password":   cutPassword,
	"word_password":   cutPassword,
	"word_told":       cutPassword,
	"bip39":           cutSeed,
	"code":            cutCode,
	"code_line":       cutCodeLine,
	checkHealth:       cutHealth,
	checkHealthTold:   cutHealthTold,
	"iban":            cutIBAN,
	"people_table":    cutTable,
}

// headers tell by its first bytes what a validator would refuse, for matches that
// are long: each line of some texts looks like the head of a table.
var headers = map[string]func(text []byte) bool{
	"people_table": tableHead,
}

// insiders check a value by what stands around it in its match.
var insiders = map[string]func(match []byte, from, to int) bool{
	"given_value":    givenValue,
	"url_credential": inURL,
}

// digitsPass turns a check of digit values into a check of text: everything but
// digits is left out.
func digitsPass(check func(digits []byte) bool) func([]byte) bool {
	return func(value []byte) bool {
		var buf [40]byte
		n := 0
		for _, c := range value {
			if d := c - '0'; d <= 9 {
				if n == len(buf) {
					return false
				}
				buf[n] = d
				n++
			}
		}
		return n > 0 && check(buf[:n])
	}
}

// plain appends the letters, in upper case, and digits of value to dst, as far
// as dst has room.
func plain(dst, value []byte) []byte {
	for _, c := range value {
		if isAlnum(c) && len(dst) < cap(dst) {
			if isAlpha(c) {
				c &^= 0x20
			}
			dst = append(dst, c)
		}
	}
	return dst
}

// number returns the value of decimal digits.
func number(digits []byte) (n int) {
	for _, d := range digits {
		n = n*10 + int(d)
	}
	return n
}

// weigh returns the sum of digits times weights.
func weigh(digits []byte, weights ...int) (sum int) {
	for i, w := range weights {
		sum += int(digits[i]) * w
	}
	return sum
}

// same reports whether all digits are alike: such numbers are fillers, even
// where their checksum is true.
func same(digits []byte) bool {
	for _, d := range digits {
		if d != digits[0] {
			return false
		}
	}
	return true
}

// date reports whether there may be such a day. A month or day of zero is not.
func date(month, day int) bool {
	return 1 <= month && month <= 12 && 1 <= day && day <= 31 && !(day == 31 && (month == 2 || month == 4 || month == 6 || month == 9 || month == 11)) && !(month == 2 && day == 30)
}

// entropy returns the Shannon entropy of s in bits a byte.
func entropy(s []byte) float64 {
	if len(s) == 0 {
		return 0
	}
	var count [256]uint16
	sum := int64(0)
	s = s[:min(len(s), math.MaxUint16)]
	for _, c := range s {
		n := count[c]
		count[c] = n + 1
		if int(n) < len(entropySteps) {
			sum += entropySteps[n]
		} else {
			sum += entropyStep(int(n))
		}
	}
	n := float64(len(s))
	return math.Log2(n) - float64(sum)/entropyUnit/n
}

// entropyUnit is how finely the sum in entropy is counted: in whole numbers, so
// that the order of the bytes does not matter.
const entropyUnit = 1 << 32

// entropySteps are the first of entropyStep: it takes two logarithms.
var entropySteps = func() (t [64]int64) {
	for n := range t {
		t[n] = entropyStep(n)
	}
	return t
}()

// entropyStep returns by how much k*log2(k) grows from k = n to n+1.
func entropyStep(n int) int64 {
	at := func(k int) int64 {
		if k == 0 {
			return 0
		}
		return int64(math.Round(float64(k) * math.Log2(float64(k)) * entropyUnit))
	}
	return at(n+1) - at(n)
}
