# Each target starts from `setup`: a bare Debian machine with Python 3.11 is enough.
SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready

.PHONY: help setup lock demo test test-all lint bench
help: ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(STAMP) ## prepare .venv and what the machine lacks
$(STAMP): requirements.lock deploy/setup.sh pyproject.toml
	deploy/setup.sh
	@touch $(STAMP)

lock: ## resolve pyproject.toml anew into requirements.lock (no host names in it)
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  --python-version 3.11 --group dev pyproject.toml -o requirements.lock $(LOCK_ARGS)
