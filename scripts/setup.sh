#!/usr/bin/env bash
# Make or mend the environment in .venv for answering, measuring or testing: scripts/setup.sh app|eval|test; or see to it
# that there is a browser for the tests: scripts/setup.sh chromium. Called by the Makefile; safe to call again, and to
# interrupt. What is done already is skipped, by a stamp per profile in .venv.
#
#   PYTHON             the interpreter to use, 3.10 to 3.13     (default: the first fitting python3)
#   CMAKE_ARGS         more options for llama.cpp, such as -DGGML_CUDA=ON
#   CITEWELL_WHEELS    where the compiled wheel is kept          (default: ~/.cache/citewell/wheels)
#   CITEWELL_CHROMIUM  the browser for the tests of the page     (default: the first one found)
set -euo pipefail
cd "$(dirname "$0")/.."

profile="${1:-app}"
case "$profile" in
    app) extras="" ;;
    eval) extras="[eval]" ;;
    test) extras="[dev,all]" ;;
    chromium) ;;
    *) echo "usage: scripts/setup.sh app|eval|test|chromium" >&2; exit 2 ;;
esac

env_python="$PWD/.venv/bin/python"
lean="scripts/llama_lean.cmake"
logs="build/logs"

say() { printf '%s\n' "$*" >&2; }
fail() { say "citewell set-up: $*"; exit 1; }
trap 'say; say "interrupted; run the same command again to go on"; exit 130' INT

# follow LOG COMMAND...: run a command with all it says in a log, and show where it is: on a terminal one line that
# changes, elsewhere a line now and then
follow() {
    local log="$1" line short shown=-20
    shift
    mkdir -p "$(dirname "$log")"
    : > "$log"
    "$@" 2>&1 < /dev/null | while IFS= read -r line; do
        printf '%s\n' "$line" >> "$log"
        if [[ "$line" =~ ^[[:space:]]*\[([0-9]+/[0-9]+)\] ]]; then
            short="compiled ${BASH_REMATCH[1]}"
        elif [[ "$line" == *"Installing collected packages:"* ]]; then
            short="unpacking packages: $(tr -cd , <<< "$line," | wc -c | tr -d ' ')"
            shown=-20
        elif [[ "$line" =~ ^[[:space:]]*(Collecting|Downloading|Building)[[:space:]] ]]; then
            short="${line#"${line%%[![:space:]]*}"}"
            short="${short:0:90}"
        else
            continue
        fi
        if [ -t 2 ]; then
            printf '\r\033[K    %s' "$short" >&2
        elif (( SECONDS - shown >= 20 )); then
            say "    $short"
            shown=$SECONDS
        fi
    done
    local code="${PIPESTATUS[0]}"
    [ -t 2 ] && printf '\r\033[K' >&2
    return "$code"
}

fits() { "$1" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] < (3, 14))' > /dev/null 2>&1; }

choose_python() {
    local name
    for name in ${PYTHON:+"$PYTHON"} python3 python3.13 python3.12 python3.11 python3.10; do
        if fits "$name"; then
            "$name" -c 'import ensurepip, venv' > /dev/null 2>&1 ||
                fail "$name cannot make environments (venv or ensurepip is missing); on Debian: apt install python3-venv"
            python="$name"
            return
        fi
    done
    fail "no Python 3.10 to 3.13 found (python3 is $(python3 -V 2> /dev/null || echo absent)); install one, or name it: PYTHON=/path/to/python3 make"
}

env_works() {
    fits "$env_python" && [ "$("$env_python" -c 'import sys; print(sys.prefix)')" = "$PWD/.venv" ] &&
        "$env_python" -m pip --version > /dev/null 2>&1
}

fingerprint() { cat pyproject.toml scripts/setup.sh "$lean" <(printf '%s' "$PWD ${CMAKE_ARGS:-}") | cksum; }

make_env() {
    if env_works; then return; fi
    choose_python
    if [ -e .venv ]; then say "replacing .venv, which is incomplete or was made elsewhere"; fi
    say "making .venv with $python ($("$python" -V))"
    rm -rf .venv
    "$python" -m venv .venv || fail "$python -m venv .venv failed"
}

# What the compiled wheel depends on: same key, same wheel.
wheel_key() {
    {
        echo "$llama_spec ${CMAKE_ARGS:-}"
        cat "$lean"
        uname -sm
        getconf GNU_LIBC_VERSION 2> /dev/null || true
        grep -m1 '^flags' /proc/cpuinfo 2> /dev/null || sysctl -n machdep.cpu.brand_string 2> /dev/null || true
    } | "$env_python" -c 'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest()[:16])'
}

need_compiler() {
    local name
    for name in ${CXX:+"$CXX"} c++ g++ clang++; do
        if command -v "$name" > /dev/null; then return; fi
    done
    fail "no C++ compiler found, and llama.cpp has to be compiled; on Debian or Ubuntu: apt install build-essential" \
        "(macOS: xcode-select --install)"
}

llama_installed() {
    "$env_python" -c 'from importlib.metadata import version; version("llama-cpp-python")' > /dev/null 2>&1 || return 1
    # without a key someone put it there by hand, with options of their own
    [ ! -e .venv/.llama-key ] || [ "$(cat .venv/.llama-key)" = "$(wheel_key)" ]
}

# Leaves the path of a wheel in $wheel, compiled now unless an earlier run did it; empty when .venv has it already.
llama_wheel() {
    local spec folder began
    wheel=""
    llama_spec="$(sed -n 's/^ *"\(llama-cpp-python[<>=][^"]*\)",*$/\1/p' pyproject.toml)"
    if llama_installed; then return; fi
    folder="${CITEWELL_WHEELS:-${XDG_CACHE_HOME:-$HOME/.cache}/citewell/wheels}/$(wheel_key)"
    wheel="$(ls "$folder"/*.whl 2> /dev/null | tail -n 1 || true)"
    if [ -n "$wheel" ]; then
        say "using llama.cpp as compiled before: $wheel"
        return
    fi
    need_compiler
    began=$SECONDS
    say "compiling llama.cpp, once for this machine: 2 to 4 minutes on two cores (log: $logs/llama.log)"
    rm -rf build/wheel
    mkdir -p build/wheel "$folder"
    # --no-cache-dir, as pip would hand out a wheel compiled with other options
    CMAKE_ARGS="-DLLAVA_BUILD=OFF -DLLAMA_OPENSSL=OFF '-DCMAKE_PROJECT_llama_cpp_INCLUDE=$PWD/$lean' ${CMAKE_ARGS:-}" \
        follow "$logs/llama.log" "$env_python" -m pip wheel -v --no-cache-dir --no-deps --no-binary=llama-cpp-python \
        --wheel-dir build/wheel "$llama_spec" ||
        fail "llama.cpp could not be compiled; the end of $logs/llama.log: $(grep -iE 'error' "$logs/llama.log" | tail -n 1)"
    wheel="$(ls build/wheel/*.whl)"
    cp "$wheel" "$folder/.new" && mv "$folder/.new" "$folder/$(basename "$wheel")" # whole or not there
    wheel="$folder/$(basename "$wheel")"
    rm -rf build/wheel
    say "compiled llama.cpp in $((SECONDS - began)) s; kept as $wheel"
}

install_packages() {
    local began=$SECONDS
    # A run that was interrupted while pip wrote files may have left half a package, which pip would take for a whole one.
    if [ -e .venv/.installing ]; then "$env_python" scripts/broken_packages.py --forget; fi
    touch .venv/.installing
    say "installing citewell and the libraries it needs; PyTorch is the large one (log: $logs/install.log)"
    if [ -n "$wheel" ]; then
        "$env_python" -m pip install --quiet --disable-pip-version-check --no-deps --force-reinstall "$wheel" ||
            fail "$wheel could not be installed; remove it and run the same command again"
        wheel_key > .venv/.llama-key
    fi
    follow "$logs/install.log" "$env_python" -m pip install --disable-pip-version-check -e ".$extras" ||
        fail "pip could not install everything: $(grep -E '^ *ERROR' "$logs/install.log" | tail -n 1) (log: $logs/install.log)"
    rm -f .venv/.installing
    say "installed in $((SECONDS - began)) s"
}

find_chromium() {
    local name
    for name in ${CITEWELL_CHROMIUM:+"$CITEWELL_CHROMIUM"} chromium chromium-browser google-chrome google-chrome-stable \
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
        if command -v "$name" > /dev/null; then return 0; fi
    done
    return 1
}

need_chromium() {
    if find_chromium; then return; fi
    local began=$SECONDS
    if [ -e /etc/debian_version ] && [ "$(id -u)" = 0 ]; then
        say "installing Chromium for the tests of the page (log: $logs/chromium.log)"
        export DEBIAN_FRONTEND=noninteractive
        follow "$logs/chromium.log" bash -c 'apt-get update && apt-get install -y --no-install-recommends chromium' ||
            fail "Chromium could not be installed: $(grep -E '^E:' "$logs/chromium.log" | tail -n 1) (log: $logs/chromium.log)"
        say "installed Chromium in $((SECONDS - began)) s"
    fi
    find_chromium || fail "the tests of the page need Chromium or Chrome: install one, or set CITEWELL_CHROMIUM to its path"
}

if [ "$profile" = chromium ]; then
    need_chromium
    exit 0
fi
stamp=".venv/.done-$profile"
if [ "$(cat "$stamp" 2> /dev/null)" = "$(fingerprint)" ] && env_works && [ ! -e .venv/.installing ]; then exit 0; fi
began=$SECONDS
make_env
llama_wheel
install_packages
fingerprint > "$stamp"
say "environment ready after $((SECONDS - began)) s"
