# Everything a newcomer needs: `make up`, `make test`, `make demo`, `make help`.
SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3.11
VENV := .venv
RUN := $(VENV)/bin/python
STAMP := $(VENV)/.installed
LOCAL := $(RUN) -m deploy.local
# `make test KAFKA=apache`; exported below only where it is meant.
KAFKA ?=
# Each worker has its own servers, and whole files go to one worker.
PARALLEL := -n 2 --dist loadfile

# Phony, so that a folder of the same name does not matter.
.PHONY: help install lock up down status logs token operations verify-audit reset demo check lint types test model fuzz bench sbom ci

help:  ## Show this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# -- installing ------------------------------------------------------------------------------------

install: $(STAMP)  ## Create .venv and install requirements.lock (done by the others when needed)

$(STAMP): requirements.lock
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed: $(PYTHON) is not on the path (PYTHON=... to choose)"; exit 1; }
	@test -x $(RUN) || { echo "Creating $(VENV)"; $(PYTHON) -m venv $(VENV); }
	@echo "Installing requirements.lock"
	@$(RUN) -m pip install --disable-pip-version-check --no-input --quiet --require-hashes -r requirements.lock
	@sha256sum requirements.lock > $@

requirements.lock: ;

lock:  ## Resolve pyproject.toml into requirements.lock, with hashes
	$(VENV)/bin/uv pip compile pyproject.toml --extra embedded --extra dev --generate-hashes --universal \
		--python-version 3.11 --no-emit-index-url --custom-compile-command "make lock" --quiet -o requirements.lock

# -- the local stack -------------------------------------------------------------------------------

up: $(STAMP)  ## Start everything in the background; says what runs where
	@$(if $(KAFKA),KAFKA=$(KAFKA)) $(LOCAL) up $(ARGS)

down:  ## Stop everything; all data is kept
	@$(LOCAL) down

status:  ## What runs, restarts, memory
	@$(LOCAL) status

logs:  ## Follow the logs; PART=outreach-worker for one
	@$(LOCAL) logs $(PART) || [ $$? = 130 ]

token:  ## Print a development token: ROLE=local_coordinator DISTRICTS=farsta,jarva (or UNITS=) SUBJECT=anna
	@test -n "$(ROLE)" || { echo "say which: make token ROLE=kaa_coordinator (roles: contracts/roles.py)" >&2; exit 2; }
	@$(LOCAL) token $(ROLE) --districts "$(DISTRICTS)" --units "$(UNITS)" $(if $(SUBJECT),--subject $(SUBJECT))

verify-audit:  ## Has an audit row been removed, changed or put in? KNOWN="registry=12:ab.." compares with a logged seal
	@$(LOCAL) verify-audit $(foreach seal,$(KNOWN),--known $(seal))

operations: export OPERATOR_TOKEN ?= $(shell $(LOCAL) token operator)
operations:  ## What is done to many at once, with a dry run: ARGS="stuck-runs" (docs/operations.md)
	@$(LOCAL) run outreach-worker $(RUN) -m services.outreach.operations $(or $(ARGS),--help)

reset:  ## Stop everything and delete all data (asks first; YES=1 does not)
	@$(LOCAL) reset $(if $(YES),--yes)

demo: $(STAMP)  ## A school year of 300 youths at speed, on every track; fails if a rule is broken
	@$(RUN) -m deploy.demo $(ARGS)

# -- checks and tests ------------------------------------------------------------------------------

check: lint types  ## Linters, strict types, import contracts, fast tests
	$(RUN) -m pytest -q $(PARALLEL) tests/unit tests/contracts tests/meta

lint: $(STAMP)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/lint-imports

types: $(STAMP)
	$(VENV)/bin/mypy

test: $(STAMP)  ## The whole suite on real parts; KAFKA=apache: what touches Kafka, on Apache Kafka 4
ifeq ($(KAFKA),apache)
	KAFKA=apache $(RUN) -m pytest -q -m "kafka and not e2e and not fault" $(ARGS)
else
	@result=0; \
	$(RUN) -m pytest -q -m "not e2e and not fault and not model and not fuzz" $(PARALLEL) $(ARGS) || result=1; \
	$(RUN) -m pytest -q -m "e2e or fault" $(ARGS) || result=1; \
	exit $$result
endif

model: $(STAMP)  ## 520 random courses of youths against the real server, and faults that must be found
	$(RUN) -m pytest -q --show-capture=no tests/workflows/model $(ARGS)

fuzz: $(STAMP)  ## Requests to the APIs as each role, made from their documents: TIMES=10 SEED=1
	@UPPSOK_TEST_FUZZ_TIMES=$(or $(TIMES),10) UPPSOK_TEST_FUZZ_SEED=$(or $(SEED),1) \
		$(RUN) -m pytest -q --show-capture=no tests/fuzz $(ARGS)

bench: $(STAMP)  ## The registry's night against a bare COPY (docs/performance.md); SIZES="city nation"
	@$(RUN) -m tests.bench.registry_night $(or $(SIZES),city nation)

sbom: $(STAMP)  ## What is installed, with versions and licences, as CycloneDX: .local/sbom.json
	@mkdir -p .local
	@$(VENV)/bin/cyclonedx-py environment $(RUN) --pyproject pyproject.toml --short-PURLs --output-reproducible \
		-o .local/sbom.json
	@echo "Written: .local/sbom.json"

ci:  ## What .ci/run does
	@.ci/run
