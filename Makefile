# Everything a newcomer needs: `make run`, `make test`, `make check`, `make bench`. See README.md.
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup run test test-full check format bench lock clean

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Set up .venv from the lock file
	@$(PYTHON) scripts/setup.py

run: setup ## Set up and start the house with a demo workspace, at http://localhost:8000
	@REELHOUSE_HOME=$${REELHOUSE_HOME:-$(CURDIR)/.reelhouse} $(BIN)/reelhouse serve --demo examples

test: setup ## Run all tests
	@$(BIN)/python -m pytest -n auto tests

test-full: setup ## Run all tests with ten times the files, kills and renders
	@REELHOUSE_TEST_FULL=1 $(BIN)/python -m pytest -n auto tests

check: setup ## Check format, lint, types, import contracts and docs
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: setup ## Format the code and mend what can be mended
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: setup ## Measure against other tools (writes BENCHMARKS.md)
	@$(BIN)/python -m benchmarks

lock: setup ## Resolve dependencies anew into requirements.lock
	@scripts/lock

clean: ## Remove what was set up
	rm -rf .venv .tools
