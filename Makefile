# The two commands of a fresh machine are `make demo` and `make test`. CMake builds; this only calls it.

.PHONY: help demo test test-long build packages format clean
.DEFAULT_GOAL := help

help:
	@echo "make demo       see csp-race find a race, a leak and a lock-order bug in a real program"
	@echo "make test       build everything and run the tests"
	@echo "make test-long  the same with the long suites, sanitizers and GCC"
	@echo "make build      build everything into build/dev"
	@echo "make packages   install the Debian packages that are missing"
	@echo "make format     format the sources"
	@echo "make clean      remove build/"

packages:
	@.ci/install-packages

build: packages
	@cmake --preset dev
	@cmake --build --preset dev

demo: packages
	@cmake --preset dev >/dev/null
	@cmake --build --preset dev --target csp-race sample_word_index_race sample_word_index_fixed_race
	@samples/demo/run_demo.sh build/dev

test: packages
	@.ci/test quick dev gcc

test-long: packages
	@.ci/test long dev gcc debug asan-ubsan

format:
	@git ls-files '*.h' '*.cpp' | xargs clang-format -i

clean:
	@rm -rf build
