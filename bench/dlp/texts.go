package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// hostile is what texts are made of that look like values all over.
var hostile = []string{
	"sk-", "sk-ant-api03-", "key=", "password=", "eyJ-", "a@", "://", "-----BEGIN PRIVATE KEY-----", "1", "12 ", "1234567890 ", "4111111111111111 ", "ssn 123456789 ",
	"4111.1111.1111.1111 ", "GB82 WEST 1234 ", "\"", "\\", "%25", "\\u0034", "&#52;", "=34", "NDExMSAxMTExIDExMTEg", "343131313131313131 ", "4 ", "\xff\xc2\xa0", "а", "aа",
	"+44 20 7946 0958 ", "tel 020 7946 0958 ", "TVA FR 83 404 833 048 ", "a\u00ad", "52, 49, ", "0x34, ", "00110100 ", "seven one ", "....- .---- ", "<b>4</b>", "4**1**", "+ADQANA-", "<~87cURDZ~>",
	"MFRGGZDFMZTWQ2LK ", "c0vJTEpOTgEAy0jNyckvzy/KSQEA ",
}

var sentences = strings.Split(`Please summarise the minutes of yesterday's meeting for the people who could not come.
The team agreed to move the release to the 14th of March 2025, because the review takes longer than planned.
Sales will write to the customers; support looks after the migration of the 3,200 old records.
Could you explain how the scheduler decides which job runs next, and what happens when two of them have the same priority?
Answer in short sentences and leave out what I already know.
The budget of the second quarter was spent on hardware, the rest goes into training.
When the pump stops, open the upper valve slowly and wait until the pressure has fallen below two bar.
I would like to visit Lisbon in autumn; which parts of the town are quiet, and how do I get there by train?
Translate the following paragraph into German and keep the tone friendly.
Die Sitzung beginnt um neun Uhr im großen Saal, die Unterlagen liegen am Eingang bereit.
Le rapport annuel sera publié au mois de juin, après la validation du conseil.
El equipo revisa los resultados cada semana y los comparte con los demás departamentos.
There are three ways to sort a list of this size, and each of them has a drawback.
The recipe needs flour, butter, two eggs and a little patience.
Her novel tells of a lighthouse keeper who collects letters that the sea brings to him.
If the test fails again, run it with more output and send me the last lines.`, "\n")

// text returns size bytes of a kind of text, the same each time.
func text(kind string, size int, dirty bool) ([]byte, error) {
	var b []byte
	r := rand.New(rand.NewPCG(1, 2))
	switch kind {
	case "chat":
		for len(b) < size {
			b = fmt.Appendf(b, `{"model":"gpt-4o","messages":[{"role":"system","content":"You are a helpful assistant."},{"role":"user","content":"%s %s"},{"role":"assistant","content":"%s"},{"role":"user","content":"%s %s"}],"temperature":0.7,"max_tokens":%d,"stream":true}`+"\n",
				pick(r), pick(r), pick(r), pick(r), pick(r), 256<<r.IntN(5))
		}
	case "prose":
		for len(b) < size {
			b = append(append(b, pick(r)...), " \n"[r.IntN(8)/7])
		}
	case "code":
		files, err := filepath.Glob(filepath.Join(runtime.GOROOT(), "src/net/http/*.go"))
		if err != nil || len(files) == 0 {
			return nil, fmt.Errorf("no source code in %q: %w", runtime.GOROOT(), err)
		}
		for k := 0; len(b) < size; k = (k + 1) % len(files) {
			data, err := os.ReadFile(files[k])
			if err != nil {
				return nil, err
			}
			b = append(b, data...)
		}
	}
	b = b[:size]
	if dirty {
		for at := 300; at+120 < size; at += 1000 {
			copy(b[at:], fmt.Sprintf(" card 4111 1111 1111 1111, key ghp_%s, mail jane.doe%d@example.com ", letters(r, 36), at))
		}
	}
	return b, nil
}

func pick(r *rand.Rand) string { return sentences[r.IntN(len(sentences))] }

func letters(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"[r.IntN(62)]
	}
	return string(b)
}

func repeat(unit string, n int) []byte { return bytes.Repeat([]byte(unit), n/len(unit)+1)[:n] }

func kib(n int) string {
	if n >= 1<<20 {
		return fmt.Sprint(n>>20, " MB")
	}
	return fmt.Sprint(n>>10, " KB")
}
