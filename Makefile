# Everything a person or a machine does with this tree. Needs Python 3.11 or newer, make and git; nothing else.

DEMO ?= demo
PY := .venv/bin/python

# Stamps carry a mark of this folder's path, so that a tree that was moved or copied installs itself anew.
MARK := $(shell pwd | cksum | cut -d' ' -f1)
RUNTIME := .venv/.runtime-$(MARK)
DEV := .venv/.dev-$(MARK)
INSTALL := $(PY) -m pip install --disable-pip-version-check
LOCK := $(PY) -m uv pip compile --quiet --upgrade --universal --fork-strategy fewest --python-version 3.11 \
	--generate-hashes --no-header --group build

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo test soak lint types format bench docs screenshots lock clean
.DELETE_ON_ERROR:

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-22s %s\n", $$1, $$2}'

setup: $(RUNTIME)  ## install Fairlead into .venv, from the lock file
	@echo "Fairlead is set up: .venv/bin/fairlead --help"

setup-dev: $(DEV)  ## the same, with what the tests need

demo: $(RUNTIME)  ## write the demo company, build its numbers, serve them and print a link
	@.venv/bin/fairlead demo run $(DEMO)

test: lint types  ## every check: style, types and all tests
	@$(PY) -m pytest -n 3 --dist loadfile --no-loadscope-reorder

soak: $(DEV)  ## kill syncs at 250 random moments (about ten minutes)
	@KILLS=50 $(PY) -m pytest tests/actions/test_killed.py

lint: $(DEV)  ## style, with ruff
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .

types: $(DEV)  ## types, with mypy --strict
	@$(PY) -m mypy

format: $(DEV)  ## put the code into its style
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

bench: $(DEV)  ## measure what we promise about speed, each figure beside its target
	@$(PY) -m bench

docs: $(RUNTIME)  ## write the generated pages of docs/
	@$(PY) -m docs.generate

screenshots: $(DEV)  ## take the pictures in docs/pictures from the running demo (needs Chromium)
	@.venv/bin/fairlead demo run $(DEMO) --no-serve
	@$(PY) docs/screenshots.py $(DEMO)

lock: $(DEV)  ## resolve the dependencies in pyproject.toml again and write the lock files
	@$(LOCK) pyproject.toml -o requirements.lock
	@$(LOCK) -c requirements.lock pyproject.toml --extra dev -o requirements-dev.lock

clean:  ## remove caches and build products; .venv and the demo company stay
	@rm -rf build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -not -path './.venv*' -prune -exec rm -rf {} +

# A .venv that works is kept; one that does not (another machine's, half made) is made anew. What fails to install
# has it looked at again by the next run.
.venv/.made:
	@if [ -x $(PY) ] && $(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && $(PY) -m pip --version >/dev/null 2>&1; then \
	  touch $@; exit 0; \
	fi; \
	for name in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
	  if $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$name; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "Fairlead needs Python 3.11 or newer; python3 here is: $$(python3 --version 2>/dev/null || echo missing)." >&2; \
	  echo "Install a newer one, or name it: make $(or $(MAKECMDGOALS),setup) PYTHON=/path/to/python3.12" >&2; \
	  exit 1; \
	fi; \
	echo "Making .venv with $$($$python --version) ..."; \
	$$python -m venv --clear .venv || { \
	  echo "'$$python -m venv' failed. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }; \
	touch $@

$(RUNTIME): .venv/.made requirements.lock pyproject.toml
	@echo "Installing Fairlead and $$(grep -c '==' requirements.lock) packages it stands on (about a minute) ..."
	@$(INSTALL) --only-binary :all: --require-hashes -r requirements.lock || { rm -f .venv/.made; exit 1; }
	@$(INSTALL) --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): .venv/.made requirements-dev.lock pyproject.toml
	@echo "Installing Fairlead and $$(grep -c '==' requirements-dev.lock) packages for running and testing it (about a minute) ..."
	@$(INSTALL) --only-binary :all: --require-hashes -r requirements-dev.lock || { rm -f .venv/.made; exit 1; }
	@$(INSTALL) --quiet --no-deps --no-build-isolation -e .
	@touch $(RUNTIME) $@
