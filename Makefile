# Milepost. `make` alone lists what there is.

SYSTEM_PYTHON ?= python3
# what Python compiles is kept in __pycache__, whoever forbids it: half of a test run's start
PYTHON := env -u PYTHONDONTWRITEBYTECODE PYTHONPATH=. .venv/bin/python
TESTS := $(PYTHON) -m pytest -q -n auto --dist worksteal
ENVIRONMENT = $(SYSTEM_PYTHON) ops/environment.py
DEMO = api/edge/demo
DOCUMENTS = domain/programmes/documents
LOCK = $(PYTHON) -m uv pip compile --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url --no-emit-find-links --quiet $(LOCK_OPTIONS)

.DEFAULT_GOAL := help
.PHONY: help setup run test soak bench check schema migrations lock clean python

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' Makefile

setup: python ## Install everything that serving, testing and developing need
	@rm -f .venv/graphiql.stamp
	@$(ENVIRONMENT) requirements-dev.lock

run: python ## Serve with demo data on a database of its own (MILEPOST_HOME, MILEPOST_PORT choose others)
	@$(ENVIRONMENT) requirements.lock
	@exec $(PYTHON) -m ops serve --demo

test: python ## Run all tests (ARGS="tests/ops -k settings" for some, ARGS=--durations=20 for the slowest)
	@$(ENVIRONMENT) requirements-dev.lock
	@exec $(TESTS) $(ARGS)

soak: python ## Prove by large numbers that the ledger holds (ARGS="--only histories --scale 0.01" for less)
	@$(ENVIRONMENT) requirements-dev.lock
	@exec $(PYTHON) -m tests.soak $(ARGS)

bench: python ## Measure the speed beside a hand-written application (ARGS="--only dashboard --members 1000" for less)
	@$(ENVIRONMENT) requirements-dev.lock
	@exec $(PYTHON) -m benchmarks $(ARGS)

check: python ## Check format, lint, types, schema and tests
	@$(ENVIRONMENT) requirements-dev.lock
	@$(PYTHON) -m ruff format --check --quiet .
	@$(PYTHON) -m ruff check --quiet .
	@$(PYTHON) -m mypy --no-error-summary .
	@$(PYTHON) -m ops schema --check
	@$(PYTHON) -m ops event-schema --check
	@exec $(TESTS)

schema: python ## Write schema.graphql, the JSON Schemas of events and documents, and the demo's manifest
	@$(ENVIRONMENT) requirements-dev.lock
	@$(PYTHON) -m ops schema > schema.graphql.new && mv schema.graphql.new schema.graphql
	@$(PYTHON) -m ops event-schema > events.schema.json.new && mv events.schema.json.new events.schema.json
	@$(PYTHON) -m ops manifest $(DEMO)/operations.graphql > $(DEMO)/manifest.json.new && mv $(DEMO)/manifest.json.new $(DEMO)/manifest.json
	@$(PYTHON) -m ops programme schema > $(DOCUMENTS)/policy.schema.json
	@$(PYTHON) -m ops rewards schema > $(DOCUMENTS)/rewards/rewards.schema.json

migrations: python ## Write a migration for what changed in models/ (NAME=what_changed)
	@$(if $(NAME),,echo "error: name the migration: make migrations NAME=what_changed" >&2; exit 1)
	@$(ENVIRONMENT) requirements-dev.lock
	@$(PYTHON) -m aerich migrate --offline --name "$(NAME)"

lock: python ## Resolve requirements*.in anew (LOCK_OPTIONS=--upgrade for newer versions)
	@$(ENVIRONMENT) requirements-dev.lock
	@$(LOCK) -o requirements.lock requirements.in
	@$(LOCK) -c requirements.lock -o requirements-dev.lock requirements-dev.in

clean: ## Remove what was installed and cached; the data in .milepost stays
	@rm -rf .venv .venv.lock .mypy_cache .pytest_cache .ruff_cache .hypothesis api/edge/graphiql/node_modules
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

python:
	@$(SYSTEM_PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "error: Python 3.11 or newer is needed; name one: make SYSTEM_PYTHON=/path/to/python3" >&2; exit 1; }
