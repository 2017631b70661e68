# Send Digitally. Two commands matter: `make run` (the trial) and `make test` (everything).
SHELL := /bin/bash
.DELETE_ON_ERROR:
.PHONY: $(shell grep -oE "^[a-z-]+:" $(MAKEFILE_LIST) | tr -d :)

TAGS := nomsgpack
GO   := go
BIN  := bin/senddigitally

help: ## What there is to type
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: build ## Build and start the trial on this machine (Ctrl-C ends it)
	@./$(BIN) sandbox

build: ## Build the one binary
	@deploy/build/build.sh $(BIN) $(TAGS)

demo: build ## Send, open, reply and distribute without a browser, with files of this repository
	@./$(BIN) demo README.md LICENSE

tools: ## Install what the tests need (Debian packages, Node, npm packages)
	@deploy/build/tools.sh

test: tools lint addin-check pages-check go-test ## Install what the tests need and run all of them

lint:
	@f=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$f" || { echo "not as gofmt writes it:" $$f; exit 1; }
	$(GO) vet -tags $(TAGS) ./...
	$(GO) tool staticcheck -tags $(TAGS) ./...

addin: ## Rebuild the committed task pane
	@. deploy/build/node.sh && cd addin && npm ci --no-audit --no-fund && npm run build

addin-check: addin
	@git diff --exit-code --stat -- addin/dist || { echo "addin/dist is not what its sources build to: commit the rebuilt files"; exit 1; }
	@. deploy/build/node.sh && cd addin && npm test

pages: ## Rebuild the committed style sheet and script of the pages
	@deploy/build/pages.sh

pages-check: pages
	@git diff --exit-code --stat -- backend/web/design/style.css backend/portal/assets || { echo "style.css or portal.js is not what its sources build to: commit the rebuilt files"; exit 1; }

go-test:
	$(GO) test -tags $(TAGS) -timeout 20m ./...

gallery: ## Look at every page in every language with axe, and draw them into .artifacts/gallery (LANGUAGES=da,de)
	$(GO) test -tags $(TAGS) -count 1 -timeout 40m -v -run Accessible ./backend/e2e/gallery -whole
	$(GO) test -tags $(TAGS) -count 1 -run Pictures ./backend/e2e/gallery -pictures $${LANGUAGES:-da,de}

fuzz: ## Fuzz every parser for a while (FUZZTIME=30s each)
	@deploy/build/fuzz.sh $(TAGS) $${FUZZTIME:-30s}

faults: ## Kill and starve the real server, every case at its full length (SEED=n repeats a run)
	$(GO) test -tags $(TAGS) -count 1 -timeout 90m -v ./backend/e2e/faults -full -soak 0 -seed $${SEED:-0}

soak: ## Ten minutes of people at work while server and Redis are killed (SOAK=10m)
	$(GO) test -tags $(TAGS) -count 1 -timeout 90m -v -run TestSoak ./backend/e2e/faults -soak $${SOAK:-10m} -seed $${SEED:-0}

rebuild: ## Rebuild the ledger of a generated vault (TRANSFERS=100000) and print the peak of memory
	$(GO) test -tags $(TAGS) -count 1 -timeout 90m -v -run TestARebuildOf ./backend/e2e/faults -transfers $${TRANSFERS:-100000}

bench: ## Benchmarks with their ratios
	$(GO) test -tags $(TAGS) -run '^$$' -bench . -count 7 ./routing/... ./backend/vault/... ./backend/ledger/...
	$(GO) test -tags $(TAGS) -count 1 -timeout 30m -run Scale -v ./backend/ledger -scale 1000,100000,1000000
	$(GO) test -tags $(TAGS) -count 1 -timeout 60m -run Bench -v ./backend/bench -size $${SIZE:-1024} -rounds 7
	$(GO) test -tags $(TAGS) -count 1 -run SoonUsable -v ./backend/e2e/browser -panes 7

municipality: ## Deliver a generated municipality's day of 50,000 replies, and a backlog of 10,000 (SEED=7)
	$(GO) test -tags $(TAGS) -count 1 -timeout 90m -v -run 'ADay|ABacklog' ./backend/bench/municipality -seed $${SEED:-7} -replies 50000 -delivered 50000 -backlog 10000

clean: ## Remove what was built
	rm -rf bin .tools .artifacts
