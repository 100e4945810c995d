# The whole interface for people: `make run` starts the network, `make test` tests it. Works with GNU make 3.81 and newer.

VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.installed-runtime
DEV := $(VENV)/.installed-dev
ISLANDS := web/islands/dist/.built

# Another interpreter: make setup PYTHON=/opt/python3.13/bin/python3
PYTHON ?=
# cpu takes the small build of PyTorch; any other backend that `uv pip install --torch-backend` knows will do.
TORCH ?=
ARGS ?=

INSTALL = $(BIN)/uv pip install --compile-bytecode -p $(BIN)/python $(if $(TORCH),--torch-backend=$(TORCH)) -c constraints.txt

.DEFAULT_GOAL := help
.PHONY: help setup run test check bench bench-cache bench-hostile bench-ingest bench-pages bench-peer bench-scale eval eval-relevance clean translations schema islands

help: ## Show this list
	@awk 'BEGIN { FS = ":.*## "; print "make TARGET [TORCH=cpu] [ARGS=\"…\"]\n" } /^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(RUNTIME) $(ISLANDS) ## Start the network with its starter data: http://127.0.0.1:8600 (ARGS="--port 9000")
	@exec $(BIN)/gcio up $(ARGS)

# All of them in two processes, each with a database of its own; those named in ARGS in one.
test: $(DEV) $(ISLANDS) ## Run all tests (ARGS="tests/graph -k cursor")
	@$(BIN)/python -m tests.tools.ensure_chromium
	@exec $(BIN)/pytest $(or $(ARGS),-n 2 --dist loadfile --no-loadscope-reorder)

check: $(DEV) ## Check format, lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(DEV) ## Measure speed on this machine
	@exec $(BIN)/python -m tests.bench $(ARGS)

bench-cache: $(DEV) ## Measure answers reused against answers worked out anew, and refusals
	@exec $(BIN)/python -m tests.bench.caching $(ARGS)

bench-hostile: $(DEV) ## Replay 10,000 requests made to hurt against a server of its own
	@exec $(BIN)/python -m tests.bench.replay $(ARGS)

bench-pages: $(DEV) $(ISLANDS) ## Measure pages beside their GraphQL, and when they are seen on a slow phone
	@exec $(BIN)/python -m tests.bench.pages $(ARGS)

bench-ingest: $(DEV) ## Measure an ingest beside a bare reading and a bare write of the same graph
	@exec $(BIN)/python -m tests.bench.ingest $(ARGS)

bench-peer: $(DEV) ## Measure GraphQL beside Neo4j's own library (ARGS="--rounds 2 --seconds 1")
	@exec $(BIN)/python -m tests.bench.comparison $(ARGS)

bench-scale: $(DEV) ## Measure how the most used questions grow from 10,000 to 1,000,000 projects
	@exec $(BIN)/python -m tests.bench.scale $(ARGS)

eval: $(DEV) ## Measure how good matches are; writes docs/matching-quality.md (ARGS="--pairs FILE")
	@exec $(BIN)/python -m tests.eval $(ARGS)

eval-relevance: $(DEV) ## Measure which records are taken to be about e-government (ARGS=--write for docs/relevance.md)
	@exec $(BIN)/python -m tests.eval.relevance $(ARGS)

setup: $(DEV) $(ISLANDS) ## Install everything that running and developing need into .venv

schema: $(DEV) ## Write schema.graphql and the reference pages in docs/ anew
	$(BIN)/gcio schema --out schema.graphql
	$(BIN)/gcio documents build
	$(BIN)/python -m tests.tools.reference_docs

islands: $(DEV) ## Write the lock file and the types of the islands anew (after a change of packages or of the schema)
	$(BIN)/python -m web.tools.islands update

translations: $(DEV) ## Collect the sentences of the pages and bring the translations up to date
	$(BIN)/python -m web.tools.translations $(ARGS)

clean: ## Remove .venv and caches; your data (GCIO_HOME) stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis test-results build dist *.egg-info web/islands/dist web/islands/node_modules
	find graph ingest api web tests -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is newer than what it was made from, so a second `make run` installs nothing.
$(RUNTIME): pyproject.toml constraints.txt | $(BIN)/uv
	@echo "Installing what the network runs on. The first time this takes a while."
	@$(INSTALL) -e .
	@touch $@

$(DEV): pyproject.toml constraints.txt | $(BIN)/uv
	@echo "Installing what the network runs on and its tools for development. The first time this takes a while."
	@$(INSTALL) -e . --group dev
	@touch $(RUNTIME) $@

# Where Node or its packages cannot be had there is no stamp: the pages work without, and the next run tries again.
$(ISLANDS): $(wildcard web/islands/*.json web/islands/*.ts web/islands/src/*.ts web/islands/src/*/*.ts) | $(BIN)/uv
	@$(BIN)/python -m web.tools.islands build

$(BIN)/uv: | $(BIN)/python
	@echo "Installing uv, which installs the rest faster."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt uv

$(BIN)/python:
	@for python in $(PYTHON) python3.13 python3.12 python3.11 python3; do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue; \
	  if ! "$$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then incomplete="$$python"; continue; fi; \
	  echo "Creating $(VENV) with $$("$$python" --version)."; \
	  "$$python" -m venv --clear $(VENV) && exit 0; \
	  rm -rf $(VENV); exit 1; \
	done; \
	if [ -n "$$incomplete" ]; then \
	  echo "$$incomplete cannot make virtual environments. On Debian and Ubuntu: apt install $$(basename "$$incomplete")-venv" >&2; \
	else \
	  echo "Python 3.11 or newer is needed and was not found. Install it, or name it: make $(or $(firstword $(MAKECMDGOALS)),setup) PYTHON=/path/to/python3" >&2; \
	fi; \
	exit 1
