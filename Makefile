# One word a chore. `make` alone lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash

PYTHON := .venv/bin/python
PACKAGES := hall store bus capture analysis alerts console hallwatch fixtures
CHECKED := $(wildcard $(PACKAGES) tests benchmarks)
WEB := $(wildcard console/web/package.json)
# The private Node of deploy/install, where the machine has none that fits.
NODE := PATH="$$(if [ -d .cache/node/bin ]; then printf '%s/.cache/node/bin:' "$$PWD"; fi)$$PATH"
# Arguments for the chore: make demo ARGS='--port 8080', make test ARGS='tests/unit/alerts -x'
ARGS ?=

.PHONY: help install demo test check format bench bench-latency bench-footprint bench-capture bench-tagging bench-accuracy bench-faults bench-analysis bench-alerts bench-live bench-console torture-capture torture-alerts screenshots requirements clean bench-replay-start

help: ## list the chores
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: ## install what a hall's machine needs into .venv, and build the web app
	@deploy/install run

demo: ## run a hall with simulated cameras and a simulated queue in front of you
	@deploy/install demo
	@exec .venv/bin/hallwatch demo $(ARGS)

test: ## run every test, of Python and of the web app
	@deploy/install test
ifeq ($(ARGS),)
	$(PYTHON) -m pytest --numprocesses 3 --no-loadscope-reorder --ignore tests/e2e
	$(PYTHON) -m pytest --numprocesses 2 --no-loadscope-reorder tests/e2e
else
	$(PYTHON) -m pytest $(ARGS)
endif
ifneq ($(WEB),)
	$(NODE) npm --prefix console/web test
endif

check: ## check format, style, types, import rules and the web app's sources
	@deploy/install test
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy --strict $(CHECKED)
	.venv/bin/lint-imports --no-logo
	.venv/bin/deptry .
ifneq ($(WEB),)
	$(NODE) npm --prefix console/web run check
endif

format: ## put the Python sources into shape
	@deploy/install test
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

bench: ## run every benchmark; each prints a table and JSON
	@deploy/install test
	$(PYTHON) -m benchmarks $(ARGS)

bench-latency: ## measure the delay of an absence alert, from the empty chair to the screen
	@deploy/install test
	$(PYTHON) -m benchmarks latency $(ARGS)

bench-footprint: ## measure memory and processor time of each role
	@deploy/install test
	$(PYTHON) -m benchmarks footprint $(ARGS)

bench-capture: ## measure what recording costs, against ffmpeg, for 1 to 64 cameras
	@deploy/install test
	$(PYTHON) -m benchmarks capture $(ARGS)

bench-tagging: ## measure tagging with ten million segments (ARGS='--segments 1000000' for fewer; takes 10 GB)
	@deploy/install test
	$(PYTHON) -m benchmarks tagging $(ARGS)

bench-accuracy: ## measure how right analysis is (ARGS='--clips DIR' for labelled clips of your own)
	@deploy/install test
	$(PYTHON) -m benchmarks accuracy $(ARGS)

bench-faults: ## measure which camera faults are found, on drawn halls through a real encoder
	@deploy/install test
	$(PYTHON) -m benchmarks faults $(ARGS)

bench-analysis: ## measure what watching a camera costs, against decoding every picture
	@deploy/install test
	$(PYTHON) -m benchmarks analysis $(ARGS)

bench-alerts: ## measure alerts and push for 2,000 windows and 1,000 screens (ARGS='--halls 100 --seconds 20' for less)
	@deploy/install test
	$(PYTHON) -m benchmarks alerts $(ARGS)

bench-live: ## measure how soon a live picture stands, how late it is and what a viewer costs
	@deploy/install test
	$(PYTHON) -m benchmarks live $(ARGS)

bench-replay-start: ## measure how soon a replay shows its first picture, in the machine's own Chromium
	@deploy/install test
	$(PYTHON) -m benchmarks replay-start $(ARGS)

bench-console: ## measure the console at size, replay, live view and first load (ARGS='--scale 0.1' for less, '--keep DIR'; takes 25 GB)
	@deploy/install test
	$(PYTHON) -m benchmarks console $(ARGS)

torture-capture: ## kill, fill, lock and damage what records, for 15 minutes (ARGS='kills --kills 20' for less)
	@deploy/install test
	$(PYTHON) -m tests.torture $(ARGS)

torture-alerts: ## kill, stop and cut off the alerts role under load, for 15 minutes (ARGS='kills --kills 20' for less)
	@deploy/install test
	$(PYTHON) -m tests.torture.alerts $(ARGS)

screenshots: ## take the user guide's pictures from a running demo hall
	@deploy/install test
	$(PYTHON) -m tests.e2e.screenshots $(ARGS)

requirements: ## compile the hash-pinned requirement files anew (ARGS=--upgrade for newer versions)
	@deploy/install test
	requirements/compile $(ARGS)
	@deploy/install test

clean: ## remove everything that the other chores made, recordings of the demo hall included
	rm -rf .venv .cache .demo console/static console/web/node_modules build dist
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find $(CHECKED) -name __pycache__ -prune -exec rm -rf {} +
