# Sets up and runs RateLens: `make run`, `make test`. Both install everything they need the first time.
#
# Python 3.11 or newer:           make run PYTHON=python3.12
# Another virtual environment:    make test VENV=/tmp/venv
# A picture to open:              make run ARGS=photo.png

PYTHON ?= python3
VENV ?= .venv
ARGS ?=

# Windows has a different folder for programs, and no python3: use make run PYTHON=python in Git's Bash.
programs := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
python := $(programs)/python
ready := $(VENV)/.ratelens-ready

.PHONY: run test test-processors check coverage bench setup xvfb codec-programs wheel bundle bundle-test clean
.DEFAULT_GOAL := run

run: setup
	$(python) -m viewer $(ARGS)

test: setup xvfb codec-programs
	$(python) -m pytest -n auto --dist worksteal $(ARGS)

# Runs the codec's tests as on other processors. Asking for an instruction set that this one lacks changes nothing.
test-processors: setup
	for isa in AVX2 AVX512_CORE AVX512_CORE_BF16; do \
	    echo "ONEDNN_MAX_CPU_ISA=$$isa" && ONEDNN_MAX_CPU_ISA=$$isa $(python) -m pytest -q -n auto --dist worksteal tests/models --ignore tests/models/training || exit 1; \
	done

check: setup
	$(python) -m ruff check
	$(python) -m ruff format --check
	$(python) -m mypy
	$(programs)/lint-imports

# Which lines of viewer/ and models/ the tests run, including child processes: see .coverage-html/index.html.
coverage: setup xvfb codec-programs
	$(python) -m coverage erase
	$(python) -m coverage run -m pytest $(ARGS)
	$(python) -m coverage combine --quiet
	$(python) -m coverage html --quiet
	$(python) -m coverage report

bench: setup
	$(python) -m tests.bench $(ARGS)

wheel: setup
	$(python) -m pip wheel --no-deps --wheel-dir dist .

# dist/RateLens: one folder with Python and all libraries, which starts on systems like this one without installing anything.
bundle: setup
	$(python) -m pip install --disable-pip-version-check --constraint constraints.txt --editable '.[bundle]'
	$(python) -m PyInstaller --noconfirm --log-level WARN --distpath dist --workpath build .github/bundle/ratelens.spec

# Starts the bundle: its version, its figures beside those of this checkout, a sweep, the window (dist/window.png).
bundle-test: setup xvfb
	$(python) .github/bundle/check.py

clean:
	rm -rf $(VENV) build dist *.egg-info .coverage .coverage.* .coverage-html

setup: $(ready)

# Installs Debian packages if apt-get is available; otherwise says what to install.
# $(1): the packages; $(2): what they are for.
define install_packages
	echo "$(2) needs system packages: $(1)"; \
	if ! command -v apt-get >/dev/null; then echo "Please install these packages, or their equivalents on this system."; false; \
	elif [ "$$(id -u)" = 0 ]; then as_root="env"; \
	elif command -v sudo >/dev/null; then as_root="sudo env"; \
	else echo "Please run as root: apt-get install $(1)"; false; fi && \
	$$as_root apt-get update -q </dev/null && \
	$$as_root DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=120 $(1) </dev/null
endef

# Without the window's libraries the command line still works, and the program says what is missing.
$(ready): pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { $(call install_packages,python3 python3-venv,RateLens); }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "RateLens needs Python 3.11 or newer: make run PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { $(call install_packages,python3-venv,The virtual environment); }
	@test -x $(python) || $(PYTHON) -m venv $(VENV)
	$(python) -m pip install --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@missing=$$($(python) -m viewer.cli.system_packages) && [ -z "$$missing" ] || \
	    { $(call install_packages,$$(echo $$missing),The window); } || echo "Continuing without."
	@touch $@

# A virtual screen for the tests that open a real window, which are skipped without one.
xvfb:
	@command -v xvfb-run >/dev/null || { $(call install_packages,xvfb xauth,A test of the real window); } || echo "Continuing without."

# The programs of the included codecs by command; without a program, the tests of its codec are skipped.
codec-programs:
	@missing=; for pair in avifenc:libavif-bin cjxl:libjxl-tools cwebp:webp opj_compress:libopenjp2-tools; do \
	    command -v "$${pair%:*}" >/dev/null || missing="$$missing $${pair#*:}"; \
	done; \
	[ -z "$$missing" ] || { $(call install_packages,$$(echo $$missing),The tests of codecs by command); } || echo "Continuing without."
