# Annals' commands. Each installs what it needs first, into .venv, and works from any folder.

UV_VERSION := 0.13.9
PYTHONS := $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python
UV := .venv/uv-$(UV_VERSION)
BIN := .venv/bin
# Exactly the locked packages, with the Python that .venv was made with. What other commands
# installed stays (--inexact), so that none of them undoes another's work.
SYNC = UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1 VIRTUAL_ENV= $(BIN)/uv sync --frozen --inexact --quiet
# At first with uv's own certificates, then with those of the machine, which a proxy may need.
INSTALL = $(SYNC) $(1) 2>/dev/null || UV_SYSTEM_CERTS=1 $(SYNC) $(1) || { $(CANNOT_INSTALL); exit 1; }
# Settings of a deployment, to be checked as one.
PRODUCTION := SITE_URL=https://annals.example.com DATABASE_URL=postgres://checked \
	REDIS_URL=redis://checked EMAIL_URL=smtp://checked:25 \
	LEDGER_ANCHOR_EMAILS=auditor@example.com \
	SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))')

# Compiled code is kept, inside .venv, also where the environment says that none is to be left beside
# the code: without it each process would compile all packages anew.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX := $(CURDIR)/.venv/pycache

.PHONY: run test coverage bench check audit licences texts format
.DEFAULT_GOAL := run

run: $(UV)
	@$(call INSTALL,--no-dev)
	@exec $(BIN)/python -m config.run

test: $(UV)
	@$(INSTALL)
	@$(BIN)/python -m tests.chromium
	@exec $(BIN)/python -m pytest --numprocesses logical --dist loadfile \
		--no-loadscope-reorder $(ARGS)

# The same, and which lines and branches they run: apart, as following them takes half as long again.
coverage:
	@$(MAKE) test ARGS="--cov $(ARGS)"

# What Annals costs beside raw SQL, bare Django and other libraries, into bench/results: in its quick
# form, or the whole with FULL=1. ARGS names measures or contenders (bench/README.md).
bench: $(UV)
	@$(INSTALL)
	@$(call INSTALL,--project bench --python $(BIN)/python)
	@exec $(BIN)/python -m bench $(if $(FULL),--form full) $(ARGS)

check: $(UV)
	@$(INSTALL)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(BIN)/python -W error::RuntimeWarning manage.py check --deploy --fail-level WARNING
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	$(BIN)/hadolint Dockerfile

# Whether a release that Annals runs on is known to be vulnerable; says so where nobody can be asked.
audit: $(UV)
	@$(INSTALL)
	@$(BIN)/python -m tests.audit

# Writes down under which licences Annals runs on what others made.
licences: $(UV)
	@$(call INSTALL,--all-extras)
	@$(BIN)/python -m tests.licences

# Brings locale/ up to the texts of templates and modules, compiles it, and lists what waits.
texts: $(UV)
	@$(INSTALL)
	@$(BIN)/python -m tests.translatable

format: $(UV)
	@$(INSTALL)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

CANNOT_INSTALL = echo "The packages of Annals could not be installed, for the reason above: it needs \
	the package index (https://pypi.org) the first time, and room on the disk. After mending that, \
	run the command again." >&2

# A .venv with uv of this version in it. Python's own pip puts it there, as Debian's Python cannot
# make a .venv with a pip of its own unless python3-venv is installed.
$(UV):
	@for python in $(PYTHONS); do \
		"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && found="$$python" && break; \
	done; \
	if [ -z "$$found" ]; then \
		echo "Annals needs Python 3.11 or newer, and none was found: install it, or name it as in: make run PYTHON=/path/to/python3.12" >&2; exit 1; \
	fi; \
	if ! [ -w . ]; then \
		echo "Annals installs its packages into $(CURDIR)/.venv, and may not write there: use a copy of the folder that belongs to you." >&2; exit 1; \
	fi; \
	if ! "$$found" -c 'import venv' 2>/dev/null; then \
		echo "Python's venv module is missing: install it (Debian and Ubuntu: apt install python3-venv), then run the command again." >&2; exit 1; \
	fi; \
	echo "Installing Annals into .venv (the first time only) ..."; \
	if ! $(BIN)/python -c '' 2>/dev/null; then \
		rm -rf .venv && "$$found" -m venv --without-pip .venv || { $(CANNOT_INSTALL); exit 1; }; \
	fi; \
	if "$$found" -m pip --version >/dev/null 2>&1; then \
		pip="$$found -m pip --python $(BIN)/python"; \
	elif $(BIN)/python -m ensurepip >/dev/null 2>&1; then \
		pip="$(BIN)/python -m pip"; \
	else \
		echo "Python has no pip: install it (Debian and Ubuntu: apt install python3-pip), then run the command again." >&2; exit 1; \
	fi; \
	$$pip install --quiet --quiet --disable-pip-version-check "uv==$(UV_VERSION)" || { $(CANNOT_INSTALL); exit 1; }
	@touch $@
