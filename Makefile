# Every target starts from `setup`: a bare Debian machine with Python 3.11 is enough.
SHELL := /bin/bash
.DEFAULT_GOAL := help
BIN := .venv/bin
SANDBOX ?= auto
# A folder of its own: pytest otherwise clears away what earlier runs left, hostile trees among it, as it ends.
PYTEST = scratch=$$(mktemp -d); trap 'rm -rf "$$scratch"' EXIT; $(BIN)/pytest --basetemp "$$scratch/tests"

.PHONY: help setup setup-tests lock demo test test-all lint bench cover
help: ## show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: ## prepare .venv and what the machine lacks for `mergelock check` and the demo
	@deploy/setup.sh core

setup-tests: ## prepare what the tests drive as well: Docker, PostgreSQL, Chromium, npm packages
	@deploy/setup.sh test

demo: setup ## four pull requests of a real library through the whole gate (KEEP=1 leaves the servers up)
	@if [ "$(SANDBOX)" = docker ]; then deploy/setup.sh docker; fi
	@$(BIN)/mergelock demo --sandbox $(SANDBOX) $(if $(KEEP),--keep)

test: setup-tests lint ## everything but the slow batteries
	@$(PYTEST) -n 2 --dist loadgroup -m "not slow"

test-all: setup-tests ## the slow batteries: real libraries, crash and escape tests in full
	@$(PYTEST) -n 2 --dist loadgroup -m slow

lint: setup ## formatting, ruff, mypy, the arrows between packages
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

cover: setup-tests ## branch coverage of the quick tests
	$(BIN)/coverage run -m pytest -m "not slow" && $(BIN)/coverage report

bench: setup-tests ## measured side by side in one run: sandboxes, gated against bare, intake, scans
	$(BIN)/python -m tests.bench

lock: ## resolve pyproject.toml anew into requirements.lock (no host names in it)
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  --python-version 3.11 --group dev pyproject.toml -o requirements.lock $(LOCK_ARGS)
