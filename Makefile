# A bare clone, Python >= 3.11 and make are all it takes:
#
#   make scan REPO=path    what is in that repository, and what is dangerous
#   make test              every test, the house's own rules included
#
# Everything is installed, pinned by hash, into .venv; nothing outside this folder is touched.

REPO ?= fixtures/shop
# More options for the scan: make scan REPO=path ARGS="--sarif aud.sarif"
ARGS ?=
PYTEST_ARGS ?=

# The first that runs and is new enough (a name on PATH may be a shim that leads nowhere).
PYTHON ?= $(shell for python in python3.13 python3 python3.14 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
ifeq ($(PYTHON),)
$(error aud needs Python 3.11 or newer on PATH: none found; name one with make PYTHON=/path/to/python)
endif

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# An environment of another folder (moved, copied) or of an interpreter that is gone is made anew.
ifneq ($(shell $(BIN)/python -c 'import os; print(os.getcwd())' 2>/dev/null),$(shell cat .venv/installed 2>/dev/null))
$(shell rm -f .venv/installed .venv/tested)
endif
# Two to four test workers: they are processes of the size of the program.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(min(4, max(2, os.cpu_count() or 2)))')

.PHONY: scan test proof bench corpora lint generate lock clean
.DEFAULT_GOAL := scan

scan: .venv/installed
	@$(BIN)/aud scan "$(REPO)" --fail-on never $(ARGS)

test: .venv/tested
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not proof" --durations 15 $(PYTEST_ARGS)

# What needs downloads or a quiet machine: real projects, and the times in tests/bench/README.md.
proof: .venv/tested .venv/graphene/installed corpora
	@$(BIN)/python -m pytest -n 0 -m proof --timeout 1800 $(PYTEST_ARGS) tests

# The table in tests/bench/README.md; on a quiet machine.
bench: .venv/installed corpora
	@$(BIN)/python tests/bench/measure.py

corpora: .venv/installed
	@$(BIN)/python -I tests/bench/corpora.py

lint: .venv/tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The pages that are made from the code: schema/README.md and its kin.
generate: .venv/installed
	$(BIN)/python -m aud_action.generate

# Newest versions that fit, for every supported Python at once. Needs uv.
UV_COMPILE = uv pip compile --quiet --upgrade --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-annotate --no-header
lock:
	$(UV_COMPILE) pyproject.toml -o requirements.lock
	$(UV_COMPILE) --group build -o requirements-build.lock
	$(UV_COMPILE) --group graphene -o requirements-graphene.lock
	$(UV_COMPILE) pyproject.toml --extra dask --group build --group test --group frameworks -c requirements.lock -o requirements-test.lock

clean:
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis aud-results .aud-cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/installed: requirements.lock requirements-build.lock pyproject.toml
	$(PYTHON) -m venv --clear .venv
	$(PIP) install --require-hashes -r requirements.lock -r requirements-build.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m aud_action.prepared
	@$(BIN)/python -c 'import os; print(os.getcwd())' > $@

# Graphene asks for an older graphql-core than Strawberry: it answers from an environment of its own.
.venv/graphene/installed: .venv/installed requirements-graphene.lock
	$(PYTHON) -m venv --clear .venv/graphene
	.venv/graphene/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements-graphene.lock
	@touch $@

.venv/tested: .venv/installed requirements-test.lock
	$(PIP) install --require-hashes -r requirements-test.lock
	@touch $@
