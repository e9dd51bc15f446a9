# Everything one does with the project. Each target sets up what it needs; `make help` lists them.

PORT ?= 8000
WALLET_HOST ?= 127.0.0.1
export PORT WALLET_HOST

# The first Python that is new enough and not too new. PYTHON=/path/to/python chooses another.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14 python; do \
  $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' \
  >/dev/null 2>&1 && echo $$p && break; done)

NEEDS_PYTHON = @if ! command -v "$(PYTHON)" >/dev/null; then \
  echo "Python 3.11 to 3.14 is needed, and none was found (PYTHON=/path/to/python chooses one)." >&2; \
  exit 1; fi
ROOT := $(dir $(abspath $(lastword $(MAKEFILE_LIST))))
WITH_RUNTIME = exec $(PYTHON) "$(ROOT)walletsite/bootstrap.py" requirements.txt
WITH_TOOLS = exec $(PYTHON) "$(ROOT)walletsite/bootstrap.py" requirements-dev.txt

.PHONY: help run test check format messages bench faults lock clean
.DEFAULT_GOAL := help

help: ## List the targets
	@while IFS= read -r line; do case "$$line" in \
	  [a-z]*:*"## "*) printf '  make %-10s %s\n' "$${line%%:*}" "$${line##*## }";; \
	esac; done < "$(ROOT)Makefile"

run: ## Start the wallet with demo data on http://127.0.0.1:8000 (PORT=..., WALLET_HOST=...)
	$(NEEDS_PYTHON)
	@WALLET_DEMO=$${WALLET_DEMO:-1} $(WITH_RUNTIME) manage.py serve --ends-with-parent

test: ## Run all tests: SQLite, PostgreSQL, Redis, a real browser (it finds or installs them)
	$(NEEDS_PYTHON)
	@$(WITH_TOOLS) -m tests.run

check: ## Format, lint, types, import rules, templates, migrations, translations
	$(NEEDS_PYTHON)
	@$(WITH_TOOLS) -m tests.check

format: ## Format Python and templates in place
	$(NEEDS_PYTHON)
	@$(WITH_TOOLS) -m tests.check --fix

messages: ## Bring the translation catalogue up to date with the source
	$(NEEDS_PYTHON)
	@$(WITH_TOOLS) -m tests.catalogue

bench: ## Measure the books beside pgbench, pages beside an empty one, lists of a million rows
	$(NEEDS_PYTHON)
	@$(WITH_TOOLS) -m tests.bench

faults: ## Break things under load, N=500 times, and prove after each that nothing is lost
	$(NEEDS_PYTHON)
	@$(WITH_TOOLS) -m tests.faults

lock: ## Write the lock files anew from pyproject.toml (needs uv)
	cd "$(ROOT)" && uv pip compile --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --quiet pyproject.toml -o requirements.txt
	cd "$(ROOT)" && uv pip compile --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --quiet --group test --group check pyproject.toml \
	  -c requirements.txt -o requirements-dev.txt

clean: ## Remove the environment and caches; keeps the data under var/
	cd "$(ROOT)" && rm -rf .venv .cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
