# shellcheck shell=bash
# Sourced by NAME_test.sh, which is given the program: runs it, and says what is not as it should be.

export LC_ALL=C
program=$(realpath "$1")
scratch=$(mktemp -d)
status=
failures=0

complain() {
    printf 'FAILED: %s\n' "$@"
    printf '    exit code %s\n' "$status"
    sed 's/^/    stdout: /' "$scratch/out"
    sed 's/^/    stderr: /' "$scratch/err"
    failures=$((failures + 1))
} >&2

# run <argument>...: leaves what it prints in out and err, and its exit code in $status. It must not hang.
run() {
    timeout --kill-after=5 60 "$program" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
    status=$?
}

# exits <code> <argument>...
exits() {
    run "${@:2}"
    if [[ $status != "$1" ]]; then complain "${program##*/} ${*:2}: exit code $1 was expected"; fi
}
says() { grep --quiet --fixed-strings -e "$1" "$scratch/err" || complain "this was to be on stderr: $1"; }
