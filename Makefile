# Commands of the project; `make` alone prints this help.
.DEFAULT_GOAL := help
SHELL := bash
VENV ?= .venv
PYTHON := $(VENV)/bin/python
READY := $(VENV)/.ready
READY_DEV := $(VENV)/.ready-dev
MODEL := data/local/models/e5-small-zh/manifest.json
ADDRESS ?= 127.0.0.1:8000

.PHONY: help setup run test check evaluate crossvalidate bench model clean

help: ## print this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## create .venv and install the pinned packages

$(READY): requirements.txt
	@scripts/setup $(VENV) requirements.txt
	@touch $@

$(READY_DEV): $(READY) requirements-dev.txt
	@scripts/setup $(VENV) requirements-dev.txt
	@touch $@

model: $(READY) ## build the default encoder anew and check it
	@$(PYTHON) -m matching model

$(MODEL): | $(READY)
	@$(PYTHON) -m matching model

run: $(READY) $(MODEL) ## set up, import the sample lists, match, and serve at 127.0.0.1:8000
	@ADDRESS=$(ADDRESS) scripts/run $(PYTHON)

test: $(READY_DEV) $(MODEL) ## all tests, browser and slow ones included
	@scripts/install_browser.sh
	@$(PYTHON) -m pytest -n 2 --dist worksteal

check: $(READY_DEV) ## ruff, mypy, import contracts, structure
	@scripts/check $(PYTHON)

evaluate: $(READY) $(MODEL) ## ranking quality on the judged sets against the expected figures; that names of places and organisations move no pair
	@$(PYTHON) scripts/evaluate.py
	@$(PYTHON) scripts/check_locality.py --planted

crossvalidate: $(READY) $(MODEL) ## ranking on files of training groups left out one by one
	@$(PYTHON) scripts/crossvalidate.py

bench: $(READY) $(MODEL) ## speed: encoding, cross-match, search, one changed posting
	@$(PYTHON) scripts/bench.py

clean: ## remove the environment, the database with its keys, and everything built
	@rm -rf $(VENV) data/local .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
