# shellcheck shell=bash
# Sourced by tests/run, examples/tour, benchmarks/run and .ci/run: installs what is missing, and shows how far things are.

set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
logs=$root/build/logs
jobs=$(nproc)

# step <title> <command>...: runs the command. It takes one line here; what the command says goes to a log, of which the
# telling part is shown if it fails.
step() {
    local title=$1 began=$SECONDS log line
    shift
    log=$logs/${title//[^A-Za-z0-9]/-}.log
    mkdir -p "$logs"
    if [[ -t 1 ]]; then printf '  %-44s' "$title"; fi
    if "$@" </dev/null 2>&1 | tee "$log" | show_progress "$title"; then
        if [[ -t 1 ]]; then printf '\r'; fi
        printf '  %-44s %5d s\n' "$title" $((SECONDS - began))
    else
        printf '\n  %s: failed after %d s\n\n' "$title" $((SECONDS - began))
        # Not the lines of what went well.
        grep -vE '^\[[0-9]+/[0-9]+\] |^ +Start +[0-9]+: | Passed +[0-9.]+ sec' "$log" | tail -n 60 || true
        printf '\nAll of it: %s\n' "$log"
        exit 1
    fi
}

# On a terminal, the "12/34" with which the lines of ninja and ctest begin.
show_progress() {
    local line
    while IFS= read -r line; do
        if [[ -t 1 && $line =~ ^\ *\[?([0-9]+/[0-9]+)[]\ ] ]]; then
            printf '\r  %-44s %s ' "$1" "${BASH_REMATCH[1]}"
        fi
    done
}

# prepare <package>...: sees to it that these are there, by the names that Debian gives them.
prepare() {
    local package missing=()
    for package; do
        if ! has "$package" >/dev/null 2>&1; then missing+=("$package"); fi
    done
    if ((${#missing[@]} == 0)); then return; fi

    if ! command -v apt-get >/dev/null; then
        say_what_is_missing "There is no apt-get here to install them with." "${missing[@]}"
    elif ((EUID != 0)) && ! command -v sudo >/dev/null; then
        say_what_is_missing "You are not root, and there is no sudo: apt-get install ${missing[*]}" "${missing[@]}"
    fi
    printf '  installing: %s\n' "${missing[*]}"
    step "apt-get install" install_packages "${missing[@]}"

    for package in "${missing[@]}"; do
        if ! has "$package" >/dev/null 2>&1; then
            say_what_is_missing "apt-get has installed it, but it is too old, or something else was asked for." "$package"
        fi
    done
}

has() {
    case $1 in
        g++) find_compiler ;;
        cmake) printf '%s\n' 3.25 "$(cmake --version | sed -n 's/^cmake version //p')" | sort --version-sort --check ;;
        ninja-build) command -v ninja ;;
        catch2) has_header catch2/catch_test_macros.hpp || has_header catch2/catch.hpp ;;
        libbenchmark-dev) has_header benchmark/benchmark.h ;;
        *) command -v "$1" || [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$1") == installed ]] ;;
    esac
}

# Without CXX, the first compiler here that is new enough is the default one, and CMake is told.
find_compiler() {
    local candidate candidates=(c++ g++ clang++ g++-{14,13,12} clang++-{20,19,18,17,16})
    if [[ -n ${CXX-} ]]; then candidates=("$CXX"); fi
    for candidate in "${candidates[@]}"; do
        if "$candidate" -std=c++20 -fsyntax-only -x c++ - <<'END'; then export CXX=$candidate; return 0; fi
#include <coroutine>
#if defined(__clang__) ? __clang_major__ < 16 : __GNUC__ < 12
#error "too old"
#endif
END
    done
    return 1
}

has_header() {
    "${CXX:-c++}" -E -x c++ - <<<"#include <$1>"
}

install_packages() {
    local as_root=(env DEBIAN_FRONTEND=noninteractive)
    if ((EUID != 0)); then as_root=(sudo "${as_root[@]}"); fi
    "${as_root[@]}" apt-get update # if a list cannot be had, the others may do
    "${as_root[@]}" apt-get install --yes --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
}

# say_what_is_missing <why> <package>...
say_what_is_missing() {
    local package
    printf 'Missing:\n'
    for package in "${@:2}"; do
        case $package in
            g++) printf '  a C++20 compiler: GCC 12, Clang 16 or newer%s\n' "${CXX:+ (CXX is $CXX)}" ;;
            cmake) printf '  CMake 3.25 or newer\n' ;;
            ninja-build) printf '  Ninja\n' ;;
            catch2) printf '  Catch2, version 3 or 2.13\n' ;;
            libbenchmark-dev) printf '  Google Benchmark\n' ;;
            *) printf '  %s\n' "$package" ;;
        esac
    done
    printf '%s\nInstall what is missing, and run this again.\n' "$1"
    exit 1
} >&2

# A program for the compiler alone, to look at each header once.
include_every_header() {
    (cd "$root/include" && find rondo -name '*.hpp' -printf '#include <%p>\n') | sort
}

# build_and_test <preset> [<argument of ctest>...]
build_and_test() {
    local preset=$1
    shift
    cd "$root"
    # A warning of a compiler we have not met stops CI, but no newcomer.
    step "$preset: configure" cmake --preset "$preset" -DRONDO_WERROR="${CI:-OFF}"
    step "$preset: build" cmake --build --preset "$preset"
    if (($#)); then
        ctest --preset "$preset" --parallel "$jobs" --no-tests=error "$@"
    else
        step "$preset: test" ctest --preset "$preset" --parallel "$jobs" --no-tests=error --no-label-summary
        grep -E 'tests passed|Total Test time' "$logs/$preset--test.log"
    fi
}
