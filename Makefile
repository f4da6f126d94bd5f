# Gnomon. `make` lists the targets.
SHELL       := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.version=$(VERSION)
# Captures and evaluation sets used by some tests; absent: those tests skip and say so (or fail when CI=true).
export SHARED ?= $(abspath $(CURDIR)/../shared)
# All is pure Go: one build serves every target; only the detector of races needs a C compiler.
export CGO_ENABLED = 0

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.7.0
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.1.4
FUZZTIME    ?= 20s
CRASH_RUNS  ?= 200

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## build the static binary bin/gnomon
	go build -trimpath -ldflags '$(LDFLAGS)' -o bin/gnomon ./cmd/gnomon

.PHONY: run
run: build ## build and start the gateway on embedded defaults
	./bin/gnomon run

.PHONY: demo
demo: build ## stand-in services and synthetic clients; no root, no Internet, no CA install
	./bin/gnomon demo

# SQLite is C made into Go, and ten times as slow where races are looked for;
# decompression is much the same. Nobody looks for races of ours in there.
UNWATCHED := modernc.org/... github.com/klauspost/... compress/...
# These have hardly any goroutines, or run whole commands whose parts have tests of their own: their
# tests run without the detector of races, and those in which much happens at once with it, too.
ALONE := dlp prompt
WHOLE := cmd/gnomon
AT_ONCE := Concurrent|OCR
WHOLE_AT_ONCE := Story|TwoGateways|Reload|Streams|StopsInTurn|Interrupt|SharedAddresses
FOREIGN = $(foreach p,$(UNWATCHED),-gcflags=$(p)=-race=false)
OWN = $(foreach p,$(ALONE),-gcflags=$(shell go list -m)/$(p)/...=-race=false)

.PHONY: test
test: ## run all tests, with the race detector where a C compiler is found
	@if command -v cc >/dev/null || command -v gcc >/dev/null; then \
	  export CGO_ENABLED=1; echo "go test with the race detector"; set -x; \
	  go test -race $(FOREIGN) $(OWN) -timeout 20m -shuffle=on $$(go list ./... | grep -vE '/($(subst $() ,|,$(ALONE) $(WHOLE)))(/|$$)'); \
	  go test -race $(FOREIGN) $(OWN) -run '$(WHOLE_AT_ONCE)' $(WHOLE:%=./%/...); \
	  go test -race $(FOREIGN) -shuffle=on -run '$(AT_ONCE)' $(ALONE:%=./%/...); \
	  CGO_ENABLED=0 go test -shuffle=on $(ALONE:%=./%/...) $(WHOLE:%=./%/...); \
	else \
	  echo "go test without the race detector: no C compiler found"; go test -shuffle=on ./...; \
	fi

.PHONY: e2e
e2e: build ## drive the official SDKs and curl through the gateway
	GNOMON=$(CURDIR)/bin/gnomon ./e2e/run.sh

.PHONY: lint
lint: ## gofmt, vet, staticcheck, the map of imports
	@bad=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$bad" ]; then echo "gofmt these: $$bad"; exit 1; fi
	go vet ./...
	go run $(STATICCHECK) ./...
	go test -count=1 ./internal/archtest

.PHONY: vuln
vuln: ## known vulnerabilities in what the binary uses (needs the Internet)
	go run $(GOVULNCHECK) ./...

.PHONY: bench
bench: build ## benchmarks of the packages (bench/README.md has the side-by-side one)
	go test -run '^$$' -bench . -benchmem ./...

# At its end a run may fail with "context deadline exceeded" without any failing
# input (golang.org/issue/75804): then it is run again. A package is linked once
# for all its targets. What was found is kept with the other caches of Go.
.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME (20s), as many at once as there are processors
	@built=$$(mktemp -d); trap 'rm -rf "$$built"' EXIT; cache=$$(go env GOCACHE)/fuzz; \
	git grep -oE '^func Fuzz[A-Za-z0-9_]+' -- '*_test.go' | sed -E 's,^(.*)/[^/]*:func (.*),\1 \2,' | sort > "$$built/targets"; \
	for p in $$(cut -d' ' -f1 "$$built/targets" | uniq); do go test -c -fuzz=. -o "$$built/$$p.test" "./$$p"; done; \
	BUILT=$$built CACHE=$$cache xargs -P $$(nproc) -L 1 sh -c 'cd "$$0"; for try in 1 2 3; do \
	    out=$$("$$BUILT/$$0.test" -test.run "^$$" -test.fuzz "^$$1\$$" -test.fuzztime $(FUZZTIME) -test.fuzzminimizetime 10x -test.parallel 1 -test.fuzzcachedir "$$CACHE/$$(go list)" 2>&1) && code=0 || code=255; \
	    case "$$code $$out" in 0*|*"Failing input"*) break ;; *"context deadline exceeded"*) ;; *) break ;; esac; \
	  done; \
	  echo "fuzz $$0 $$1"; echo "$$out"; exit $$code' < "$$built/targets"

.PHONY: fuzz-long
fuzz-long: ## every fuzz target for five minutes
	$(MAKE) fuzz FUZZTIME=5m

.PHONY: crash
crash: ## the kill -9 tests, CRASH_RUNS (200) times
	GNOMON_CRASH_RUNS=$(CRASH_RUNS) go test -count=1 -timeout 60m -run Crash ./inventory/...

.PHONY: soak
soak: ## an hour of traffic: nothing lost, nothing left behind
	GNOMON_SOAK=1h go test -count=1 -timeout 2h -run TestSoak ./cmd/gnomon

.PHONY: clean
clean: ## remove what was built
	rm -rf bin out
