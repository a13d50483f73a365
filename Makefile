# Two commands for a newcomer: `make demo` and `make test`. Each makes what it needs.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# Accounts whose owners are known: no part of the project.
DATA ?= ../shared/data

.PHONY: help demo test check fix bench bench-neo4j bench-adapters bench-redaction bench-quality model neo4j clean

help: ## list the commands
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "graphmatch needs Python 3.11 or later; say which: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(BIN)/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

$(VENV)/.installed-bench: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@touch $@

demo: $(VENV)/.installed ## an invented election, from native exports to suspected migrations
	$(BIN)/graphmatch demo demo-workspace

test: $(VENV)/.installed-dev ## install what tests need, run them all
	$(BIN)/python -m pytest -n auto --dist loadfile

check: $(VENV)/.installed-dev ## ruff, mypy --strict, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(VENV)/.installed-dev ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.installed-bench ## measure linking beside Splink, hub keys, the line, communities: benchmarks/RESULTS.md
	$(BIN)/python benchmarks/results.py

bench-neo4j: $(VENV)/.installed-dev ## measure 100,000 accounts into a private Neo4j and back (Java, Maven)
	$(BIN)/python benchmarks/neo4j_load.py --output benchmarks/neo4j-results.json

bench-adapters: $(VENV)/.installed-dev ## measure each adapter: reports per CPU second, and a 1 GB file's peak memory
	$(BIN)/python benchmarks/adapters.py --long mastodon --output benchmarks/adapters-results.json

bench-redaction: $(VENV)/.installed-dev ## measure what redaction finds in our own labelled set
	$(BIN)/python benchmarks/redaction.py

bench-quality: $(VENV)/.installed-bench ## measure links against a known truth, beside Splink and string rules; DATA=folder
	$(BIN)/python benchmarks/quality.py --data $(DATA) --output benchmarks/quality-results.json --card graphmatch/link/MODEL.md

model: $(VENV)/.installed-dev ## train the shipped match model and write its card, unless its errors are unfair; DATA=folder
	$(BIN)/python benchmarks/train_model.py --data $(DATA) --write

neo4j: $(VENV)/.installed ## a private Neo4j to develop against; NEO4J_PASSWORD=… make neo4j
	$(BIN)/python tests/private_neo4j.py run --port 7687

clean: ## remove the virtual environment and the demo
	rm -rf $(VENV) demo-workspace
