# Only wraps CMake and the scripts, for the impatient:
#
#   make run      set up, build, run the quickstart, leave out/quickstart/
#   make check    set up, build and run every test
#   make plots    run every experiment, leave build/plots/
#   make install  install below PREFIX (and DESTDIR, if set)
#   make clean    remove what the above have built
#
# Setting up installs missing Debian packages; "make run SETUP=:" skips that.

SETUP = scripts/setup
PREFIX = /usr/local

.PHONY: all run check plots install clean

all:
	$(SETUP) run
	scripts/build build -DBUILD_TESTING=OFF

run: all
	build/cli/vswsim run configs/experiments/quickstart.json \
	    -o out/quickstart

check:
	$(SETUP) check
	scripts/check

plots: all
	scripts/plots build/plots

install: all
	cmake --install build --prefix $(PREFIX)

clean:
	rm -rf build out
