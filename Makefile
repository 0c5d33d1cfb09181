# make run   sets everything up and runs the default experiment
# make test  sets everything up and runs the linters, the type checker and the tests, but for the slowest
# make test-all  the slowest too
# make stress  kills, fills disks, crowds and feeds nonsense for a quarter of an hour, and tells what was lost

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq install --constraint constraints.txt

.PHONY: help run test test-all stress lint fix bench bench-search bench-app bench-inference docs clean
help:
	@sed -n 's/^# //p' Makefile
	@echo 'make lint fix bench bench-search bench-app bench-inference docs clean'

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

fix: .venv/installed-test
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: .venv/installed
	@$(BIN)/python benchmarks/engine.py

bench-search: .venv/installed
	@$(BIN)/python benchmarks/search.py

bench-inference: .venv/installed
	@$(PIP) --editable '.[inference]'
	@$(BIN)/python benchmarks/inference.py

bench-app: .venv/installed-test
	@$(BIN)/python benchmarks/app.py

docs: .venv/installed
	@$(BIN)/python docs/generate.py
	@$(BIN)/python docs/measure_effects.py
	@$(BIN)/python docs/run_examples.py

clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
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
