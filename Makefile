# `make` prints the targets. Two do everything: `make demo` and `make test`.
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
MEMBERS := backbone services/intake services/scheduler services/datacenter-gateway services/printer-agent services/onebox deploy/simulator deploy/local
SOURCES := backbone/src $(wildcard services/*/src deploy/*/src)
READY := $(VENV)/.ready
# A .venv made by somebody whose Python we may not run (root's, say) is made anew.
ifneq ($(wildcard $(READY)),)
ifneq ($(shell $(BIN)/python -c 'print("runs")' 2>/dev/null),runs)
.PHONY: $(READY)
endif
endif
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help setup demo test check format lint types architecture docs migrations lock migration up down office torture torture-mutants torture-station torture-station-mutants bench bench-frameworks clean

help: ## Print this help
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-24s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## Install everything from the lock into .venv

$(READY): requirements.lock $(addsuffix /pyproject.toml,$(MEMBERS))
	@python3 -c 'import ensurepip' 2>/dev/null || { echo "python3-venv is missing. Install it:  apt-get install -y python3-venv"; exit 1; }
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed."; exit 1; }
	@$(BIN)/python -c '' 2>/dev/null || rm -rf $(VENV)
	@echo "Setting up .venv from requirements.lock (once; about a minute) ..."
	@test -x $(BIN)/python || python3 -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation $(addprefix -e ./,$(MEMBERS))
	@touch $@
	@if [ "$$(id -u)" = 0 ]; then chown -R --reference=. $(VENV); fi

demo: $(READY) ## Run the Karimun story in virtual time and audit it
	@$(BIN)/cetak demo

up: $(READY) ## Start the distributed form here: RabbitMQ, PostgreSQL, one process a service
	@$(BIN)/python -m local_cluster up

down: $(READY) ## Stop what `make up` started; the data stay
	@$(BIN)/python -m local_cluster down

office: $(READY) ## Run one office for real, all services in one process
	@$(BIN)/cetak up

test: check ## Everything: checks, then all tests with coverage
	@$(BIN)/python tests/run.py

torture: $(READY) ## N schedules of faults (N=100) and kill -9 at every failpoint, with real processes
	@$(BIN)/python -m tests.torture --seeds 1-$(or $(N),100) --failpoints

torture-mutants: $(READY) ## Plant each known fault: every one must be caught within 50 schedules
	@$(BIN)/python -m tests.torture --mutants

torture-station: $(READY) ## N schedules of faults at stations (N=500), against printers with hoppers and bins
	@$(BIN)/python -m tests.torture_station --seeds 1-$(or $(N),500)

torture-station-mutants: $(READY) ## Plant each known printing fault: every one must be caught within 50 schedules
	@$(BIN)/python -m tests.torture_station --mutants

check: $(READY) lint types architecture docs migrations ## Format, lint, types, import contracts, links, migrations

format: $(READY) ## Format and mend what can be mended
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

lint: $(READY)
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet . && $(BIN)/python tests/check_sizes.py

types: $(READY)
	@$(BIN)/mypy --no-error-summary

architecture: $(READY)
	@$(BIN)/lint-imports --no-logo --cache-dir var/import-linter > /tmp/cetak-imports.$$$$ 2>&1 || { cat /tmp/cetak-imports.$$$$; rm -f /tmp/cetak-imports.$$$$; exit 1; }; rm -f /tmp/cetak-imports.$$$$

docs: $(READY)
	@$(BIN)/python tests/check_docs.py

migrations: $(READY)
	@$(BIN)/python -m onebox.migrations_check

bench: $(READY) ## Speed beside textbooks and the machine's limits, in one table; BENCH=name for one of them
	@$(BIN)/python -m tests.bench $(BENCH)

bench-frameworks: $(READY) ## The hop beside Celery, Dramatiq and taskiq (in an environment of their own)
	@test -x var/bench-venv/bin/taskiq || { python3 -m venv var/bench-venv && $(BIN)/uv pip install --quiet --python var/bench-venv/bin/python --group bench; }
	@$(BIN)/python -m tests.bench hop frameworks

lock: ## Resolve the dependencies anew into requirements.lock (hashes, no addresses)
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
	  --group dev $(foreach member,$(MEMBERS),--no-emit-package $(notdir $(member))) $(addsuffix /pyproject.toml,$(MEMBERS)) -o requirements.lock

clean: ## Remove what set-up and runs made (.venv, var); a root-owned embedded database is under /var/lib/cetak
	@rm -rf $(VENV) var
