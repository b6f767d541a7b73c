# Works on a bare Debian 12 with python3, python3-venv and make. Paths are relative and programs are started as modules
# of .venv, so the folder may lie anywhere, also where names hold spaces. A failed step can simply be repeated.
# The system's own Python before one that comes first on PATH: Debian builds it with profile-guided optimisation, pyenv
# does not unless asked, and the demo took a quarter more processor time. Another one: make PYTHON=python3.13
PYTHON ?= $(shell for one in /usr/bin/python3 python3; do \
	$$one -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$one && exit; done; echo python3)
PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --no-input --quiet
LOCKED := install --no-deps --only-binary :all:
# Extra words for the program behind a target: make test ARGS="-k leap"
ARGS ?=
# The PostgreSQL of the tests, started as root, makes a user of its own; a plain PATH need not hold the tool for that.
export PATH := $(PATH):/usr/sbin:/sbin

.DEFAULT_GOAL := help
.PHONY: help setup demo run test test-integration test-all check format bench bench-city peers audit sbom lock clean
.DELETE_ON_ERROR:

# An environment that was moved with its folder would still import the old place, so the stamps remember where they are.
ifneq ($(shell cat .venv/.place 2>/dev/null),$(CURDIR))
$(shell rm -f .venv/.runtime .venv/.dev)
endif

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' Makefile

setup: .venv/.runtime .venv/.dev ## install everything into .venv, from the lock

demo: .venv/.runtime ## a year of a synthetic city: what was due, done, withheld and withdrawn
	@$(PY) -m unasked demo $(ARGS)

run: .venv/.runtime ## the embedded service, all roles; Ctrl-C ends it
	@$(PY) -m unasked run $(ARGS)

test: .venv/.runtime .venv/.dev ## the tests; what is skipped for want of a tool is listed at the end
	@$(PY) -m pytest -n 2 --dist loadgroup $(ARGS)

test-integration: .venv/.runtime .venv/.dev ## only the tests against a real database and a real broker
	@$(PY) -m pytest -n 2 --dist loadgroup tests/integration $(ARGS)

test-all: export CI := true
test-all: export LONG := 1
test-all: .venv/.runtime .venv/.dev ## the tests in their long forms, where a missing tool is a failure
	@$(PY) -m pytest -n 2 --dist loadgroup $(ARGS)

check: .venv/.runtime .venv/.dev ## format, lint, types, layers, trigger documents
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@$(PY) -m mypy
	@$(PY) -c "from importlinter.cli import lint_imports_command as lint; lint()" --no-cache
	@$(PY) -m yamllint --strict rules/catalogue
	@$(PY) -m unasked trigger check rules/catalogue/*.yaml

format: .venv/.dev ## put the source into its form
	@$(PY) -m ruff format .
	@$(PY) -m ruff check --fix .

bench: .venv/.runtime .venv/.dev ## side by side: what the design is faster than (ARGS="--quick", or rows: ARGS="2 4")
	@$(PY) -m bench $(ARGS)
	@case "$(ARGS)" in "") $(PY) -m bench.preview 200000 2000000 ;; esac

bench-city: .venv/.runtime .venv/.dev ## the figures of a city of 18.6 million: five hours, 90 GB of disk, 4 GB of memory
	@$(PY) -m bench --city 5 6
	@$(PY) -m bench.preview 18600000

peers: .venv/.runtime .venv/.dev ## what the first row of the benchmarks is also compared with, apart from .venv
	@rm -rf .peers && $(PYTHON) -m venv .peers
	@.peers/bin/python -m pip install --quiet --upgrade pip
	@.peers/bin/python -m pip install --quiet --only-binary :all: --group bench
	@$(PY) -c 'import site; print(site.getsitepackages()[0])' > "$$(.peers/bin/python -c 'import site; print(site.getsitepackages()[0])')/unasked.pth"

audit: .tools/.installed ## look up every locked package in a database of known holes; fails when it could not
	@.tools/bin/python requirements/audit.py

sbom: .tools/.installed ## write sbom.json: what the service is made of (CycloneDX)
	@PYTHONWARNINGS=ignore .tools/bin/cyclonedx-py requirements requirements/runtime.txt --pyproject pyproject.toml \
	    --output-reproducible --validate --output-format JSON --output-file sbom.json
	@echo "sbom.json written"

lock: ## write requirements/*.txt anew with the newest permitted versions
	@rm -rf .lock && $(PYTHON) -m venv .lock
	@.lock/bin/python -m pip install --quiet --upgrade pip
	@.lock/bin/python -m pip install --quiet --only-binary :all: hatchling '.[postgres,documents,columns]'
	@.lock/bin/python -m pip install --quiet --only-binary :all: --no-deps -r requirements/font.in
	@.lock/bin/python -m pip freeze --exclude unasked --exclude setuptools --exclude wheel > requirements/runtime.txt
	@.lock/bin/python -m pip install --quiet --only-binary :all: --group dev
	@.lock/bin/python -m pip freeze --exclude unasked --exclude setuptools --exclude wheel | grep -vxFf requirements/runtime.txt > requirements/dev.txt
	@rm -rf .lock && $(PYTHON) -m venv .lock
	@.lock/bin/python -m pip install --quiet --upgrade pip
	@.lock/bin/python -m pip install --quiet --only-binary :all: cyclonedx-bom pip-audit
	@.lock/bin/python -m pip freeze --exclude setuptools --exclude wheel > requirements/tools.txt
	@rm -rf .lock

clean: ## remove .venv and caches; data in var/ stays
	@rm -rf .venv .lock .tools .peers sbom.json .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one: make PYTHON=python3.12")'
	@$(PY) -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv .venv || { echo "the module venv is missing; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@touch $@

.venv/.runtime: requirements/runtime.txt pyproject.toml | .venv/.pip
	@echo "installing into .venv (once, about a minute)" >&2
	@$(PIP) $(LOCKED) --requirement requirements/runtime.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@printf '%s\n' "$(CURDIR)" > .venv/.place
	@touch $@

.venv/.dev: requirements/dev.txt | .venv/.runtime
	@echo "installing the tools of development into .venv" >&2
	@$(PIP) $(LOCKED) --requirement requirements/dev.txt
	@touch $@

# Tools that look at the locks from outside, apart from what the program runs with.
.tools/.installed: requirements/tools.txt
	@rm -rf .tools && $(PYTHON) -m venv .tools
	@.tools/bin/python -m pip --disable-pip-version-check --no-input --quiet $(LOCKED) --requirement requirements/tools.txt
	@touch $@
