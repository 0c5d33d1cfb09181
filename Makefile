# make run   sets everything up and runs the default experiment
# make test  sets everything up and runs the linters, the type checker and the tests, but for the slowest
# make test-all  the slowest too
# make stress  kills, fills disks, crowds and feeds nonsense, which takes long, and reports what was lost

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq install --constraint constraints.txt

.PHONY: help run test test-all stress lint fix coverage mutation bench bench-search bench-app bench-inference bench-intervals docs docs-site release-check clean
help:
	@sed -n 's/^# //p' Makefile
	@echo 'make lint fix coverage mutation bench bench-search bench-app bench-inference bench-intervals docs docs-site release-check clean'

run: .venv/installed
	@$(BIN)/l5tui run --headless experiments/default.toml

test: lint
	@$(BIN)/python -m pytest --numprocesses auto --dist worksteal -m 'not slow'

test-all: lint
	@$(BIN)/python -m pytest --numprocesses auto --dist worksteal

stress: .venv/installed-test
	@$(BIN)/python -m tests.stress $(STRESS)

lint: .venv/installed-test
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/vulture

fix: .venv/installed-test
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

coverage: .venv/installed-test
	@$(BIN)/python -m coverage erase
	@$(BIN)/python -m pytest --numprocesses auto --dist worksteal -m 'not slow' --cov --cov-report= $(TESTS)
	@$(BIN)/python -m coverage report

mutation: .venv/installed-test
	@$(BIN)/python benchmarks/mutation.py

bench: .venv/installed
	@$(BIN)/python benchmarks/engine.py

bench-search: .venv/installed
	@$(BIN)/python benchmarks/search.py

bench-inference: .venv/installed
	@$(PIP) --editable '.[inference]'
	@$(BIN)/python benchmarks/inference.py

bench-intervals: .venv/installed
	@$(BIN)/python benchmarks/intervals.py

bench-app: .venv/installed-test
	@$(BIN)/python benchmarks/app.py

docs: .venv/installed
	@$(BIN)/python docs/generate.py
	@$(BIN)/python docs/run_tutorial.py
	@$(BIN)/python docs/measure_effects.py
	@$(BIN)/python docs/measure_convergence.py
	@$(BIN)/python docs/run_examples.py
	@$(MAKE) --no-print-directory docs-site

docs-site: .venv/installed-docs
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet --strict -f docs/website/mkdocs.yml
	@echo 'site/index.html'

release-check: .venv/installed-release
	@$(BIN)/python .ci/release_check.py

clean:
	rm -rf .venv build dist site .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	@$(PYTHON) -m venv .venv

.venv/installed: pyproject.toml constraints.txt | .venv/bin/python
	@echo 'Installing l5tui into .venv (about a minute the first time) …'
	@$(PIP) --editable .
	@touch $@

.venv/installed-test: pyproject.toml constraints.txt | .venv/bin/python
	@echo 'Installing l5tui and its test tools into .venv (about a minute the first time) …'
	@$(PIP) --editable '.[test]'
	@touch .venv/installed $@

.venv/installed-docs: pyproject.toml constraints.txt | .venv/bin/python
	@echo 'Installing what the site of the docs is made with into .venv …'
	@$(PIP) --editable '.[docs]'
	@touch .venv/installed $@

.venv/installed-release: pyproject.toml constraints.txt | .venv/bin/python
	@echo 'Installing what releases are made with into .venv …'
	@$(PIP) --editable '.[release]'
	@touch .venv/installed $@
