# Everything a newcomer needs. Each target sets up what it lacks.
# The first interpreter that can be used; another: make PYTHON=/path/to/python3.12
PYTHON ?= $(shell for one in python3 python3.13 python3.12 python3.11; do \
  $$one -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null && echo $$one && break; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
# One more than two cores: the tests of whole programs mostly wait.
WORKERS ?= 3
GATES := $(wildcard bench/gates/*.py)

.PHONY: $(GATES) help setup demo test fuzz lint gates bench manners format lock flaws wheel clean

help: ## This list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

setup: $(STAMP) ## A virtual environment with everything locked, in .venv/

$(STAMP): requirements/dev.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "monitor needs Python 3.11, 3.12 or 3.13; none was found"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q monitor  # else each process reads the sources, where Python may not write
	@touch $(STAMP)

demo: setup ## The whole job on recorded feeds, without a network
	@$(BIN)/monitor demo

test: setup ## All tests, on SQLite and PostgreSQL
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

fuzz: setup ## The tests of properties, on other examples in every run
	MONITOR_FUZZ=1 $(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup tests/pure

lint: setup ## Style, types, and which room may import which
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

gates: $(GATES) ## Quality floors on corpora that are not part of the repository

$(GATES): setup
	@echo "== $@"
	@$(BIN)/python $@

manners: setup ## How polite a simulated week is: 200 feeds on 40 hosts; all counts must be zero
	@$(BIN)/python bench/manners.py

bench: setup ## Speed, as ratios, side by side (the week of manners is a target of its own)
	@for one in $(filter-out bench/manners.py,$(wildcard bench/*.py)); do echo "== $$one"; $(BIN)/python $$one || exit 1; done

format: setup ## Put the code into its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

COMPILE = uv pip compile pyproject.toml --extra postgres --universal --python-version 3.11 \
  --generate-hashes --no-header --quiet

lock: setup ## Lock the dependencies anew (needs uv)
	$(COMPILE) -o requirements/base.txt
	$(COMPILE) --group dev -o requirements/dev.txt
	$(BIN)/python requirements/bill.py

flaws: setup ## Known flaws in what is locked, where an advisory source can be asked (needs pip-audit)
	@$(BIN)/python requirements/flaws.py

wheel: setup ## The package in dist/, with its bill of materials: the same bytes from the same files
	$(BIN)/python -m hatchling build -t wheel -d dist

clean: ## Remove what the targets made
	rm -rf $(VENV) .venv-peers dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis monitor-demo
