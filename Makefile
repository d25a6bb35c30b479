# The whole stack on this machine, without Docker. With Docker: docker-compose up -d
PYTHON ?= python3
RUN := .venv/bin/python
# Behind a proxy, a receiver of traces on this machine is still reached directly. (Our own processes,
# the tests and the bench ask no proxy, whatever these say.)
export NO_PROXY := localhost,127.0.0.1,::1,$(NO_PROXY),$(no_proxy)
export no_proxy := $(NO_PROXY)
# Settings of the user's other Python programs, under which ours would not start or not find
# their packages.
unexport PYTHONHOME PYTHONPATH PYTHONSAFEPATH PYTHONOPTIMIZE PYTHONINSPECT PYTHONWARNINGS

help:
	@echo "make up      start everything; the page is then at http://localhost:5003"
	@echo "make check   say whether this machine can hold a workshop, and where the room finds it"
	@echo "make clean   remove the data that the stack keeps in .stack/"
	@echo "make test    lint and all tests; then what failed, and how to run just that"
	@echo "make page    the tests of the page's pure modules, without the stack or a browser"
	@echo "make e2e     only the end-to-end tests"
	@echo "make bench   measure, each figure against a yardstick of the same run (about 10 minutes)"
	@echo "make figures the same, and show them in the README and docs/ (on a machine left alone)"
	@echo "make pictures  take the pictures that the README and docs/ show"
	@echo "make faults  break the stack in 100 ways under load, and judge what came of it (half an hour)"
	@echo "make lint    ruff, mypy, import contracts; the same for the page's JavaScript; known vulnerabilities, secrets"

up: venv
	@$(RUN) -m stack up

check: venv
	@$(RUN) -m stack check --workshop

# An environment that is there will do: on a full disk, it could not be brought up to date.
clean:
	@test -x $(RUN) || $(MAKE) --no-print-directory venv
	@$(RUN) -m stack clean

# The longest first, as two run at a time.
test: dev
	@$(RUN) -m tests.run e2e lint page tests

page e2e lint: dev
	@$(RUN) -m tests.run $@

bench: dev
	@$(RUN) -m stack check
	@$(RUN) -m bench

figures: dev
	@$(RUN) -m stack check --browser
	@$(RUN) -m bench --docs

pictures: dev
	@$(RUN) -m stack check --browser
	@SCREENSHOTS=1 $(RUN) -m pytest -q e2e -k picture

faults: dev
	@$(RUN) -m stack check
	@$(RUN) -m faults --rounds $(or $(ROUNDS),100) $(if $(SEED),--seed $(SEED))

venv:
	@command -v $(PYTHON) >/dev/null || { \
	  echo "$(PYTHON) is missing. Install Python 3.11 or newer (apt-get install python3)." >&2; exit 1; }
	@$(PYTHON) -m stack.bootstrap requirements.txt

dev: venv
	@$(PYTHON) -m stack.bootstrap requirements-dev.txt
	@$(PYTHON) -m stack.bootstrap package-lock.json

.PHONY: help up check clean test page e2e bench faults figures pictures lint venv dev
