# Two commands for a newcomer: `make demo` and `make test`. Both need only Python 3.11+ and, once, the network for the installation.

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
READY = $(VENV)/.ready

export DO_NOT_TRACK = 1
export PREFECT_SERVER_ANALYTICS_ENABLED = false
export PREFECT_HOME ?= $(CURDIR)/$(VENV)/prefect

.PHONY: demo test lint types format clean

demo: $(READY)
	rm -rf demo
	$(BIN)/python pipelines/publish.py fixtures/demo-agency/csv --to demo/public
	$(BIN)/python scripts/show_second_run.py fixtures/demo-agency/csv demo/public

test: $(READY)
	$(BIN)/python -m pytest $(TESTS)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "ssc-iati needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[all,dev]'
	touch $(READY)

clean:
	rm -rf $(VENV) demo build dist
