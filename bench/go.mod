module github.com/gnomon-proxy/gnomon/bench

go 1.26.0

require (
	github.com/elazarl/goproxy v1.9.2
	golang.org/x/net v0.62.0
)

require (
	github.com/expr-lang/expr v1.17.8 // indirect
	github.com/gaissmai/bart v0.30.0 // indirect
	github.com/klauspost/compress v1.20.3 // indirect
	github.com/miekg/dns v1.1.73 // indirect
	go.yaml.in/yaml/v3 v3.0.6 // indirect
	golang.org/x/sys v0.49.0 // indirect
)

require (
	github.com/gnomon-proxy/gnomon v0.0.0
	github.com/google/gopacket v1.1.19
	golang.org/x/text v0.43.0 // indirect
)

replace github.com/gnomon-proxy/gnomon => ../
