# Two commands matter: `make run` sets everything up and runs the agent, `make test` passes the
# tests. Both work in a fresh clone.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

# One more than there are processors: most of the time tests wait for programs to start.
WORKERS ?= $(shell expr $$(nproc) + 1)

# The programs that tests start are to be compiled once, whatever the shell says.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help run demo test lint docs bench clean haproxy journal

help: ## Show the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

run: $(STAMP) ## Run the agent on config.yaml
	$(BIN)/webfail2ban run --config config.yaml

demo: $(STAMP) ## Show the whole story in one terminal: HAProxy, a backend, the agent, an attacker
	$(BIN)/python haproxy/demo.py

# The end-to-end tests drive three HAProxys: 2.8 comes with the development tools, 2.6 with Debian
# 12, and 3.2 with a later Debian, whose package is only unpacked here, if there is one.
haproxy:
	@command -v haproxy >/dev/null || test -x /usr/sbin/haproxy || tests/tools/install-haproxy
	@test -x .cache/haproxy-3/haproxy || tests/tools/fetch-haproxy-3 || \
		echo "The tests go on without it: they drive two HAProxys, not three." >&2

# The other proxies that ask over HTTP come with the development tools.
nginx:
	@command -v nginx >/dev/null || test -x /usr/sbin/nginx || tests/tools/install-nginx

# The tests of the plugin journald read real journal files.
journal:
	@test -x /usr/lib/systemd/systemd-journal-remote || tests/tools/install-journal

test: $(STAMP) haproxy nginx journal lint ## Check style and types, run all tests
	$(BIN)/pytest --numprocesses $(WORKERS) --dist worksteal

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(STAMP) ## Build the documentation as a website, into build/docs
	$(BIN)/python docs/hook_reference.py
	$(BIN)/python docs/settings_reference.py
	$(BIN)/python docs/findings_reference.py
	$(BIN)/mkdocs build --strict --config-file docs/mkdocs/mkdocs.yml

bench: $(STAMP) ## Measure verdicts a second, beside other agents
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[bench]'
	$(BIN)/python -m bench.verdicts

clean: ## Remove what the targets made
	rm -rf $(VENV) build dist .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis
