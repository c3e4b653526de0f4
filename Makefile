# Two commands are enough: `make crawl` and `make test`. Both set up everything they need, and say what they do.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA_DIR ?= data
BENCH ?=
COUNTIES ?=
WORKERS ?=
FAULTS ?=
COUNTY ?=
PROVINCE ?=
YEAR ?=
export DATA_DIR

.PHONY: crawl browse release test test-long lint types bench rehearsal setup browser clean

crawl: $(VENV)/.ready $(VENV)/.browser
ifeq ($(strip $(COUNTY)$(PROVINCE)),)
	@PYTHONPATH=. $(BIN)/python -m tests.portals $(if $(YEAR),-a year=$(YEAR))
else
	@$(BIN)/python -m scrapy crawl county $(if $(COUNTY),-a county=$(COUNTY)) $(if $(PROVINCE),-a province=$(PROVINCE)) \
		$(if $(YEAR),-a year=$(YEAR)) -s DATA_DIR=$(DATA_DIR)
endif

browse: $(VENV)/.browse
	@$(BIN)/python -m crawler.browse $(DATA_DIR) $(if $(PORT),--port $(PORT))

release: $(VENV)/.release
	@$(BIN)/python -m scrapy release -s DATA_DIR=$(DATA_DIR)

test: lint types $(VENV)/.browser
	$(BIN)/python -m pytest -n 3  # one more than the cores that it is made for: some only wait

test-long: $(VENV)/.dev $(VENV)/.browser
	$(BIN)/python -m pytest -m long

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

bench: $(VENV)/.dev
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-bench.txt
	PYTHONPATH=. $(BIN)/python -m tests.benchmarks $(BENCH)

# a national crawl on loopback: COUNTIES=60 of all, WORKERS=3, FAULTS=1
rehearsal: $(VENV)/.dev
	PYTHONPATH=. $(BIN)/python -m tests.rehearsal $(if $(COUNTIES),--counties $(COUNTIES)) \
		$(if $(WORKERS),--workers $(WORKERS)) $(if $(FAULTS),--faults)

setup: $(VENV)/.ready $(VENV)/.browser

$(VENV)/bin/python:
	@echo "Making a virtual environment in $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "gongkai needs Python 3.11 or newer")'
	@$(PYTHON) -m venv $(VENV) || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
		&& rm -rf $(VENV) && apt-get update -qq && apt-get install -y -qq python3-venv && $(PYTHON) -m venv $(VENV); }

$(VENV)/.ready: requirements.txt | $(VENV)/bin/python
	@echo "Installing packages"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.browse $(VENV)/.release: $(VENV)/.%: requirements-%.txt requirements.txt | $(VENV)/bin/python
	@echo "Installing packages for $(*F)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@ $(VENV)/.ready

$(VENV)/.dev: requirements-dev.txt requirements-browse.txt requirements-cluster.txt requirements-release.txt requirements.txt | $(VENV)/bin/python
	@echo "Installing packages for tests"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/.ready

browser $(VENV)/.browser: | $(VENV)/.ready
	@$(BIN)/python -m crawler.browser
	@touch $(VENV)/.browser

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache
