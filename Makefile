# Everything here works in .venv, which is made at first use. `make help` lists what there is.
.DEFAULT_GOAL := help
.PHONY: help ui ask models test soak check eval bench screenshots clean app dev chromium

BIN := .venv/bin
export CITEWELL_QUESTION := $(value Q)
ARGS ?=

help: ## this list
	@echo 'make ui                 set everything up, fetch the models, open the chat page'
	@echo 'make ask Q="..."        answer one question about seeds/ (more options: ARGS="--articles DIR")'
	@echo 'make models             fetch the models that ui and ask use'
	@echo 'make test               all tests: checks, real models, the page in a browser'
	@echo 'make soak               the same with the long tests in full'
	@echo 'make check              format, lint, docstrings, types'
	@echo 'make eval               measure answers (ARGS="QUESTIONS --out DIR")'
	@echo 'make bench              measure speed'
	@echo 'make screenshots        take the pictures in the docs anew (ARGS="--all --out DIR": of every state)'
	@echo 'make clean              remove .venv and what was built; models and wheels in the cache stay'

app:
	@bash scripts/setup.sh app

dev:
	@bash scripts/setup.sh test

chromium:
	@bash scripts/setup.sh chromium

models: app
	@$(BIN)/citewell models fetch >&2

ui: models
	@$(BIN)/citewell ui $(ARGS)

ask: models
	@$(BIN)/citewell ask "$$CITEWELL_QUESTION" $(ARGS)

check: dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/pydoclint --quiet index qa ui
	@$(BIN)/mypy

test: chromium dev check
	@$(BIN)/citewell models fetch
	@$(BIN)/citewell models fetch tiny
	$(BIN)/python -m pytest $(ARGS)

soak: chromium dev
	@$(BIN)/citewell models fetch
	@$(BIN)/citewell models fetch tiny
	CITEWELL_SOAK=1 $(BIN)/python -m pytest --timeout=7200 $(ARGS)

eval:
	@bash scripts/setup.sh eval
	@$(BIN)/citewell models fetch
	@$(BIN)/citewell eval $(ARGS)

bench: models
	@$(BIN)/python -m benchmarks $(ARGS)

screenshots: chromium dev
	@$(BIN)/citewell models fetch
	@$(BIN)/python scripts/screenshots.py $(ARGS)

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
