# SPDX-License-Identifier: Apache-2.0
#
# `make demo` and `make test` need nothing but git and make: tools/setup installs the rest first.

BUILD = build

help:
	@echo 'make demo         build, then check the demo shop and write its reports'
	@echo 'make test         build, then run all tests'
	@echo 'make test-matrix  all tests, once for each PostgreSQL of tools/fetch-postgres'
	@echo 'make build        build $(BUILD)/ (release)'
	@echo 'make lint-self    check the formatting and the scripts of this repository'
	@echo 'make clean        remove $(BUILD)/'

setup:
	@tools/setup

setup-test:
	@tools/setup --test

compile:
	@mkdir -p $(BUILD)
	@[ -n "$$CXX" ] || [ "$$(g++ -dumpversion 2>/dev/null | cut -d. -f1)" -ge 12 ] 2>/dev/null || export CC=gcc-12 CXX=g++-12; \
	cmake -S . -B $(BUILD) -G Ninja -DCMAKE_BUILD_TYPE=Release >$(BUILD)/configure.log 2>&1 || { cat $(BUILD)/configure.log; exit 1; }
	@grep '^-- libpg_query:' $(BUILD)/configure.log
	@cmake --build $(BUILD) --parallel "$$(nproc)"

build: setup
	@$(MAKE) --no-print-directory compile

demo: build
	@tools/demo

test: setup-test
	@$(MAKE) --no-print-directory compile
	@cd $(BUILD) && ctest --output-on-failure --parallel "$$(nproc)"

test-matrix: setup-test
	@$(MAKE) --no-print-directory compile
	@set -e; for bin in $$(tools/fetch-postgres); do \
	  echo "== $$($$bin/postgres --version)"; \
	  (cd $(BUILD) && PGREHEARSE_PG_BIN=$$bin PGREHEARSE_REQUIRE_SERVER=1 ctest --output-on-failure --parallel "$$(nproc)"); done

lint-self:
	@tools/lint-self

clean:
	@rm -rf $(BUILD)

.PHONY: help setup setup-test compile build demo test test-matrix lint-self clean
