# What a person runs. Each target says what it needs; `make demo` and `make test` need Rust and make alone.
CARGO ?= cargo
DEMO_RUNTIME ?= auto
STEPS ?= 100000
SEED ?= $(shell date +%Y%m%d)000

.PHONY: help demo build test test-nightly fuzz mutants test-all test-chain lint fmt schema deny wasm gas gas-node load scale localnet localnet-stop
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

build: ## the `leasehold` binary
	$(CARGO) build --locked -p leasehold-cli

demo: ## the main job on the embedded devchain: auction, lease, provider killed, fail-over, books checked
	$(CARGO) run --locked -p leasehold-cli -- demo --summary target/demo.json --runtime $(DEMO_RUNTIME)

test: ## all tests that need nothing but Rust
	$(CARGO) test --locked --workspace

test-nightly: ## random life on the whole suite, STEPS=100000 from SEED=the date; a failing seed is kept for `make test`
	LEASEHOLD_STEPS=$(STEPS) LEASEHOLD_SEED=$(SEED) $(CARGO) test --locked -p leasehold-testing --test random

fuzz: ## coverage-guided fuzzing of message decoding and the pure rules, FUZZ_SECONDS=600 for each of eight targets
	scripts/fuzz.sh

mutants: ## changes rules, escrow and market expression by expression, which the tests must notice; PACKAGES=rules, SHARD=0/8 for less
	scripts/mutants.sh

test-all: ## lints, licences, CosmJS, real containers, real chains; installs what it lacks when root on Debian
	scripts/test-all.sh

test-chain: ## of test-all, the optimised contracts on the real VM and on wasmd; builds both, slow the first time
	scripts/test-chain.sh

lint: ## formatting and clippy, warnings are errors
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings

fmt: ## format the Rust code
	$(CARGO) fmt --all

schema: ## rewrite schema/*.json and the other golden files from the code
	UPDATE_EXPECT=1 $(CARGO) test --locked -p leasehold-api -p leasehold-measure -p leasehold-deployment -p leasehold-market -p leasehold-escrow -p leasehold-provider -p leasehold-governance

deny: ## licences, sources and duplicate bans of every dependency
	scripts/deny.sh

wasm: ## optimised artifacts of the five contracts, checked; UPDATE=1 rewrites their checksums and sizes
	scripts/wasm.sh

gas: ## what every operation costs on the real VM, gated; UPDATE=1 rewrites the numbers (minutes to build the first time)
	scripts/gas.sh

gas-node: ## the same on wasmd, compared; UPDATE=1 rewrites the node's numbers
	scripts/gas-node.sh

load: ## many orders, bids and leases with real agents on wasmd, measured; FULL=1 for docs/benchmarks.md, ten minutes
	scripts/load.sh

scale: ## a day of a million leases, simulated: the tables of docs/scale.md
	$(CARGO) run --locked --profile load -p leasehold-test-load --bin simulate

localnet: build ## a real chain on loopback: wasmd with the suite on it, code pinned; VALIDATORS=4, WASMD=0.70.3
	scripts/localnet.sh start

localnet-stop: ## end it
	scripts/localnet.sh stop
