# Two commands do all the set-up: `make demo` and `make test`. Needed beforehand: Python 3.11 or later, git, make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes

.PHONY: demo test lint types layers docs unit fuzz bench lock clean

demo: $(VENV)/.runtime
	$(BIN)/stackworthy review examples/flashcards/sam --fail-on never
	$(BIN)/stackworthy review examples/meetings --fail-on never

test: lint types layers docs unit

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

layers: $(VENV)/.dev
	$(BIN)/lint-imports

docs: $(VENV)/.dev
	$(BIN)/python tools/make_rule_pages.py --check
	$(BIN)/python tools/make_json_schemas.py --check
	$(BIN)/python tools/make_usage_page.py --check

unit: $(VENV)/.dev
	$(BIN)/pytest -n 2

fuzz: $(VENV)/.dev
	FUZZ=long $(BIN)/pytest -n 2 -m fuzz

bench: $(VENV)/.dev
	$(BIN)/python -m compileall -q src
	$(BIN)/python bench/run.py

# The lock files name every package with its hashes; `make lock` writes them anew.
lock: $(VENV)/.dev
	$(PIP:--require-hashes=) pip-tools
	$(BIN)/python tools/lock.py

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "stackworthy needs Python 3.11 or later: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements/runtime.txt requirements/build.txt pyproject.toml | $(VENV)/bin/python
	$(PIP) -r requirements/runtime.txt -r requirements/build.txt
	$(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q src
	touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	$(PIP) -r requirements/dev.txt
	touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
