package stream_test

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// oneLine reports whether there is nothing in s that ends a line or a field.
func oneLine(s string, except string) error {
	for _, r := range s {
		if r < ' ' && !strings.ContainsRune(except, r) {
			return fmt.Errorf("control character %#x", r)
		}
	}
	return nil
}

var cefKey = regexp.MustCompile(`^[A-Za-z0-9_]+$`)

// parseCEF reads a line by the grammar of CEF 0: seven header fields in which
// "\" and "|" are escaped, then key=value with "\", "=" and line ends escaped.
func parseCEF(line string) (map[string]string, error) {
	if err := oneLine(line, ""); err != nil {
		return nil, err
	}
	rest, ok := strings.CutPrefix(line, "CEF:0|")
	if !ok {
		return nil, errors.New("no CEF:0")
	}
	fields := make(map[string]string)
	for _, name := range []string{"vendor", "product", "version", "signature", "name", "severity"} {
		value, after, err := cefHead(rest)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		fields["/"+name], rest = value, after
	}
	if n, err := strconv.Atoi(fields["/severity"]); err != nil || n < 0 || n > 10 {
		return nil, fmt.Errorf("severity %q", fields["/severity"])
	}
	return fields, cefExtension(rest, fields)
}

func cefHead(s string) (value, rest string, err error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '|':
			return b.String(), s[i+1:], nil
		case '\\':
			if i++; i == len(s) || s[i] != '\\' && s[i] != '|' {
				return "", "", errors.New("a lone backslash")
			}
		}
		b.WriteByte(s[i])
	}
	return "", "", errors.New("no bar at its end")
}

// cefExtension finds the keys: a word before an "=" that is not escaped.
func cefExtension(s string, fields map[string]string) error {
	var values []string // key, raw value, key, raw value
	start := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			if i++; i == len(s) || !strings.ContainsRune(`\=nr`, rune(s[i])) {
				return errors.New("a lone backslash")
			}
		case '=':
			word := strings.LastIndexByte(s[start:i], ' ') + 1 + start
			if len(values) > 0 {
				if word == start {
					return errors.New("an = that is not escaped")
				}
				values = append(values, s[start:word-1])
			} else if word != 0 {
				return errors.New("no key at the start")
			}
			if !cefKey.MatchString(s[word:i]) {
				return fmt.Errorf("key %q", s[word:i])
			}
			values = append(values, s[word:i])
			start = i + 1
		}
	}
	if len(values) == 0 {
		return errors.New("no fields")
	}
	values = append(values, s[start:])
	for i := 0; i < len(values); i += 2 {
		if _, twice := fields[values[i]]; twice {
			return fmt.Errorf("%s twice", values[i])
		}
		fields[values[i]] = strings.NewReplacer(`\\`, `\`, `\=`, `=`, `\n`, "\n", `\r`, "\r").Replace(values[i+1])
	}
	return nil
}

// parseLEEF reads a line by the grammar of LEEF 2.0 with a tab as delimiter.
func parseLEEF(line string) (map[string]string, error) {
	if err := oneLine(line, "\t"); err != nil {
		return nil, err
	}
	parts := strings.SplitN(line, "|", 7)
	if len(parts) != 7 || parts[0] != "LEEF:2.0" || parts[5] != "x09" {
		return nil, errors.New("no header of LEEF 2.0")
	}
	fields := make(map[string]string)
	for pair := range strings.SplitSeq(parts[6], "\t") {
		k, v, ok := strings.Cut(pair, "=")
		if _, twice := fields[k]; !ok || twice || !cefKey.MatchString(k) {
			return nil, fmt.Errorf("attribute %q", pair)
		}
		fields[k] = v
	}
	return fields, nil
}

var syslogHead = regexp.MustCompile(`^<([0-9]{1,3})>1 (\S+) ([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) ([!-~]{1,32}) (-|\[)`)

// parseSyslog reads a message by RFC 5424, section 6.
func parseSyslog(line string) (map[string]string, error) {
	if err := oneLine(line, ""); err != nil {
		return nil, err
	}
	h := syslogHead.FindStringSubmatch(line)
	if h == nil {
		return nil, errors.New("no header of RFC 5424")
	}
	if pri, _ := strconv.Atoi(h[1]); pri > 191 {
		return nil, errors.New("priority over 191")
	}
	if _, err := time.Parse("2006-01-02T15:04:05.999999Z07:00", h[2]); err != nil {
		return nil, err
	}
	fields := map[string]string{"/host": h[3], "/app": h[4], "/proc": h[5], "/msgid": h[6]}
	rest := line[len(h[0]):]
	if h[7] == "[" {
		var err error
		if rest, err = syslogData(rest, fields); err != nil {
			return nil, err
		}
	}
	if rest != "" && rest[0] != ' ' {
		return nil, errors.New("no space before the message")
	}
	fields["/msg"] = strings.TrimPrefix(rest, " ")
	return fields, nil
}

var sdName = regexp.MustCompile(`^[!#-<>-\\^-~]{1,32}`) // no "=", "]", quotation mark or space

func syslogData(s string, fields map[string]string) (rest string, err error) {
	id := sdName.FindString(s)
	if id == "" {
		return "", errors.New("no SD-ID")
	}
	s = s[len(id):]
	for strings.HasPrefix(s, " ") {
		name := sdName.FindString(s[1:])
		s = s[1+len(name):]
		if name == "" || !strings.HasPrefix(s, `="`) {
			return "", errors.New("no parameter")
		}
		s = s[2:]
		end := 0
		for end < len(s) && s[end] != '"' {
			if s[end] == ']' {
				return "", errors.New("a ] that is not escaped")
			}
			if s[end] == '\\' {
				end++
			}
			end++
		}
		if end >= len(s) {
			return "", errors.New("no end of a value")
		}
		fields[name] = strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\]`, `]`).Replace(s[:end])
		s = s[end+1:]
	}
	if !strings.HasPrefix(s, "]") {
		return "", errors.New("no ] at the end")
	}
	return s[1:], nil
}
