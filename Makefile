# make site and make test do everything on a fresh machine; the first call builds .venv by itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# uv takes a tenth of pip's time; where it is not to be had, or finds no way to the packages that pip's settings know, pip does.
install = { $(PIP) install --require-hashes -r installer.txt && $(BIN)/uv pip install --quiet --python $(BIN)/python \
	--require-hashes $(1); } || { echo "uv could not install the packages; pip does"; $(PIP) install --require-hashes $(1); }
DATA ?=
STUDY ?=
DATA_FLAG = $(if $(DATA),--data "$(DATA)") $(STUDY)
STUDY_FLAG = $(if $(STUDY),--study "$(STUDY)")
SITE_STAMP := $(VENV)/.installed
TEST_STAMP := $(VENV)/.installed-dev
JOBS ?= 2

.DEFAULT_GOAL := help
.PHONY: help site test serve results check clean init lint lock quarto assign export profile bench spark test-spark

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 18

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "segkit needs Python 3.11 or newer; name one with make PYTHON=python3.12"; exit 2; }
	@echo "Making $(VENV) (once, some minutes)"
	@$(PYTHON) -m venv $(VENV)

$(SITE_STAMP): requirements.txt installer.txt pyproject.toml | $(BIN)/python
	@$(call install,-r requirements.txt)
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(TEST_STAMP): requirements-dev.txt $(SITE_STAMP)
	@$(call install,-r requirements.txt -r requirements-dev.txt)
	@touch $@

site: $(SITE_STAMP) ## make the report; DATA=calls.csv for a file of your own, STUDY=customers for one study
	@$(BIN)/segkit render $(DATA_FLAG)

init: $(SITE_STAMP) ## draft the settings of your file: make init DATA=calls.csv
	@test -n "$(DATA)" || { echo "Name your file: make init DATA=calls.csv"; exit 2; }
	@$(BIN)/segkit init "$(DATA)" $(STUDY_FLAG)

results: $(SITE_STAMP) ## compute the numbers only
	@$(BIN)/segkit results $(DATA_FLAG)

assign: $(SITE_STAMP) ## put new data into the segments of the last results: make assign DATA=new.csv
	@test -n "$(DATA)" || { echo "Name the new file: make assign DATA=new.csv"; exit 2; }
	@$(BIN)/segkit assign "$(DATA)" $(STUDY_FLAG)

export: $(SITE_STAMP) ## write what a study has for you alone: make export STUDY=markets TO=folder-or-address
	@$(BIN)/segkit export $(STUDY) $(if $(TO),--to "$(TO)")

profile: $(SITE_STAMP) ## have a server describe the subscribers of a log: make profile DATA=messages.csv FLAGS=--dry-run
	@$(BIN)/segkit profile $(if $(DATA),"$(DATA)") $(FLAGS)

check: $(SITE_STAMP) ## check the built site: identifiers, links, weight; in a browser after make lint or make test
	@$(BIN)/segkit check

serve: $(SITE_STAMP) ## read the site at http://127.0.0.1:8000
	@$(BIN)/segkit serve

test: $(TEST_STAMP) ## run style, types and tests
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -q -n $(JOBS) --dist loadgroup --no-loadscope-reorder

bench: $(SITE_STAMP) ## measure speed and memory against other ways; FLAGS=--large for ten million calls
	@$(BIN)/python benchmarks/run.py $(FLAGS)

spark: $(TEST_STAMP) ## install Spark, so that make test compares with it (large; needs Java)
	@$(call install,-r requirements.txt -r requirements-dev.txt -r requirements-spark.txt)

test-spark: $(TEST_STAMP) ## compare the features on a local Spark session (needs Java)
	@command -v java >/dev/null || { echo "Java is not on the PATH; Spark needs it."; exit 2; }
	@$(MAKE) --no-print-directory spark
	@$(BIN)/python -m pytest -q tests/features/test_spark.py tests/studies/test_spark_study.py

lint: $(TEST_STAMP) ## run style and types only
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

quarto: $(SITE_STAMP) ## try to install Quarto into .venv from PyPI
	@$(PIP) install quarto-cli==1.9.38 || { echo "Quarto could not be installed from here; make site uses the embedded engine."; exit 1; }
	@PATH="$(CURDIR)/$(BIN):$$PATH" quarto --version

# Of the last list, only what the lists before it do not hold.
on_top = awk -v new=$(lastword $1) 'FILENAME == new { if (/^[a-z0-9]/) skip = $$0 in known; if (!skip) print; next } { known[$$0] }' \
	$1 > $(lastword $1).new && mv $(lastword $1).new $(lastword $1)
LOCK := uv pip compile -q --universal --generate-hashes --python-version 3.11 --custom-compile-command "make lock"

lock: ## write the lists of pinned packages anew: the report's, and what tests and Spark need on top (needs uv)
	@echo uv | $(LOCK) --upgrade - -o installer.txt
	@$(LOCK) --upgrade pyproject.toml -o requirements.txt
	@$(LOCK) --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt
	@$(LOCK) --extra dev --extra spark -c requirements.txt -c requirements-dev.txt pyproject.toml -o requirements-spark.txt
	@$(call on_top,requirements.txt requirements-dev.txt)
	@$(call on_top,requirements.txt requirements-dev.txt requirements-spark.txt)

clean: ## delete what was built; keeps your data, the key and downloaded data
	@rm -rf _site _site.new _site.old .segkit .quarto build *.egg-info .pytest_cache .ruff_cache .mypy_cache .hypothesis
	@find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
