#!/usr/bin/env bash
# index_files_test.sh PROGRAM: what index_files promises, on a tree of odd files, and against wc.

set -uo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/program_test.sh"
trap 'chmod -R u+rwx "$scratch"; rm -rf "$scratch"' EXIT

prints() { grep --quiet --fixed-strings -e "$1" "$scratch/out" || complain "this was to be on stdout: $1"; }
is_silent() { if [[ -s $scratch/err ]]; then complain "nothing was to be on stderr"; fi; }
prints_nothing() { if [[ -s $scratch/out ]]; then complain "nothing was to be on stdout"; fi; }

# The files, lines, words and bytes of the row with this name.
row() { sed -nE 's/^ *([0-9]+) +([0-9]+) +([0-9]+) +([0-9]+)  (.*)$/\5:\1 \2 \3 \4/p' "$scratch/out" | sed -n "s/^$1://p"; }

# agrees_with_wc <directory> <file>...: the sums are what wc says of these files.
agrees_with_wc() {
    local expected
    expected="$(($# - 1)) $(cat "${@:2}" /dev/null | wc -c)"
    expected=$(for file in "${@:2}"; do wc -l -w <"$file"; done |
        awk -v files=$(($# - 1)) -v bytes="${expected#* }" '{ l += $1; w += $2 } END { print files, l + 0, w + 0, bytes }')
    exits 0 "$1"
    if [[ $(row "in all") != "$expected" ]]; then complain "$1: wc says $expected, not $(row "in all")"; fi
}

# ---- Text, as odd as it comes

text=$scratch/text
mkdir -p "$text/sub/deeper/deepest" "$text/empty directory" "$text/.hidden" "$text/dir.cpp"
: >"$text/empty"
printf '\n' >"$text/only a newline"
printf 'no newline at the end' >"$text/sub/open.txt"
printf 'one\r\ntwo three\r\n\r\n' >"$text/sub/crlf.txt"
printf '\tone\ttwo\t\tthree\v four\ffive\n\f\n' >"$text/sub/deeper/tabs.txt"
printf '   \n  \t \n' >"$text/sub/deeper/blank.md"
printf 'caf\303\251 na\303\257ve, \342\200\234quoted\342\200\235\n' >"$text/sub/deeper/deepest/utf8.txt"
printf 'latin \344\366\374-1 \377x\n' >"$text/latin1.txt"
printf 'a\001b \033[1mbold\033[0m\n' >"$text/controls.txt"
printf 'hidden\n' >"$text/.hidden/.profile"
printf 'in a directory with an extension\n' >"$text/dir.cpp/x.cpp"
printf 'spaces in its name\n' >"$text/a name  with spaces .txt"
printf 'a newline in its name\n' >"$text/two"$'\n'"lines.txt"
printf 'escape\n' >"$text/"$'\033[31mred'
printf 'dashes\n' >"$text/--jobs"
printf 'backslash\n' >"$text/back\\slash\\n"
printf 'quotes\n' >"$text/\"'\$(quotes)\`.txt"
head -c 300000 /dev/zero | tr '\0' x >"$text/one long word.txt"
head -c 300000 /dev/zero | tr '\0' ' ' >"$text/one long gap.txt"
head -c 70000 /dev/zero | sed 's/\x0/word and /g' >"$text/one long line.txt"
for edge in 7999 8000 8001 65535 65536 65537 131072; do # words and lines across the edges of pieces
    { head -c $((edge - 3)) /dev/zero | tr '\0' '.'; printf 'abcdef ghi\njkl\n'; } >"$text/edge $edge"
    { head -c $((edge - 1)) /dev/zero | tr '\0' '.'; printf '\n\nx y'; } >"$text/gap $edge"
done
{ head -c 8000 /dev/zero | tr '\0' 't'; printf ' \0 nul behind the first 8000 bytes\n'; } >"$text/late nul"
seq 1 100000 | sed 's/$/ a line of the huge file/' >"$text/huge.log"

mapfile -d '' files < <(find "$text" -type f -print0)
agrees_with_wc "$text" "${files[@]}"
is_silent
prints "Skipped: 0 binary, 0 unreadable, 0 of other kinds"
cp "$scratch/out" "$scratch/expected"

# Some versions of wc take any byte for the beginning of a word, others only what can be printed: so do we.
if [[ $(printf '\303\251 \001\n' | wc -w) == 0 ]]; then
    mkdir "$scratch/unprintable"
    printf '\303\251 \342\206\222 x \001\002 \177 \033[ y\n' >"$scratch/unprintable/file"
    agrees_with_wc "$scratch/unprintable" "$scratch/unprintable/file"
fi

# ---- However many are read at a time, the result is the same

for jobs in 1 2 7 64 1024; do
    exits 0 "$text" --jobs "$jobs"
    cmp --silent "$scratch/out" "$scratch/expected" || complain "--jobs $jobs: another result"
    is_silent
done
exits 0 --jobs 3 "$text/"
cmp --silent "$scratch/out" "$scratch/expected" || complain "DIR/ after --jobs: another result"

# ---- One directory with many files, many directories, and a deep one

many=$scratch/many
mkdir -p "$many"/{a,b,c,d,e,f,g,h}/{0,1,2,3,4,5,6,7,8,9}/{x,y}
for ((i = 0; i < 1500; i++)); do printf 'file %d\n' "$i"; done | (cd "$many/a" && split -l 1 -a 3 - file.)
mapfile -d '' files < <(find "$many" -type f -print0)
deep=$many/deep
for ((i = 0; i < 60; i++)); do deep=$deep/down; done
mkdir -p "$deep"
printf 'at the bottom\n' >"$deep/bottom"
agrees_with_wc "$many" "${files[@]}" "$deep/bottom"
exits 0 "$many" --jobs 64
if [[ $(row "others") == "" ]]; then complain "there are more than ten extensions, and no row for the others"; fi

# ---- The rows, and the most frequent words

words=$scratch/words
mkdir "$words"
printf 'The cat, the Cat and the 3 cats: 3cats x_y x_y a_1\n' >"$words/a.txt"
printf 'THE end\n' >"$words/b.txt"
printf 'int the_end;\n' >"$words/c.c"
exits 0 "$words"
if [[ $(row ".txt") != "2 2 14 59" ]]; then complain "the row of .txt"; fi
if [[ $(row ".c") != "1 1 2 13" ]]; then complain "the row of .c"; fi
if [[ $(row "in all") != "3 3 16 72" ]]; then complain "the row of all"; fi
top=$(sed '1,/most frequent/d' "$scratch/out" | awk '{ printf "%s %s, ", $1, $2 }')
if [[ $top != "4 the, 2 cat, 2 x_y, 1 a_1, 1 and, 1 cats, 1 end, 1 int, 1 the_end, " ]]; then complain "the words: $top"; fi

# ---- What is skipped

odd=$scratch/odd
mkdir -p "$odd/sub" "$scratch/elsewhere"
printf 'text\n' >"$odd/text"
printf 'do not count me\n' >"$scratch/elsewhere/file"
printf 'GIF\0 and more\n' >"$odd/binary.gif"
{ head -c 7999 /dev/zero | tr '\0' 't'; printf '\0'; } >"$odd/nul at 8000"
printf '\376\377\0h\0i' >"$odd/utf16.txt"
ln -s . "$odd/here"
ln -s .. "$odd/sub/up"
ln -s loop "$odd/loop"
ln -s nowhere "$odd/dangling"
ln -s "$scratch/elsewhere" "$odd/away"
ln -s "$scratch/elsewhere/file" "$odd/away.txt"
mkfifo "$odd/fifo"
agrees_with_wc "$odd" "$odd/text"
is_silent
prints "Skipped: 3 binary, 0 unreadable, 7 of other kinds"

exits 0 "$odd/away" # DIR itself may be a link
if [[ $(row "in all") != "1 1 4 16" ]]; then complain "DIR is a symbolic link"; fi

exits 0 "$text/empty directory"
if [[ $(row "in all") != "0 0 0 0" ]]; then complain "an empty directory"; fi

mkdir -p "$odd/locked" "$odd/secrets"
printf 'secret\n' >"$odd/secrets/bad"$'\n'"name"
chmod 0 "$odd/locked" "$odd/secrets/bad"$'\n'"name"
if [[ ! -r $odd/locked ]]; then # root can read everything
    agrees_with_wc "$odd" "$odd/text"
    says "index_files: $odd/locked: Permission denied"
    says "index_files: $odd/secrets/bad?name: Permission denied"
    prints "Skipped: 3 binary, 2 unreadable, 7 of other kinds"
    exits 2 "$odd/locked"
    says "index_files: $odd/locked: Permission denied"
fi

# ---- Stopped early

# A file that takes hours to read; and, for a sign that reading goes on, a directory that nobody can, because its path is
# too long.
endless=$scratch/endless
mkdir "$endless"
head -c 8000 /dev/zero | tr '\0' 't' >"$endless/huge"
truncate --size=1T "$endless/huge" || truncate --size=1G "$endless/huge"
(
    cd "$endless" || exit
    for ((i = 0; i < 20; i++)); do
        name=$(printf 'deep%.0s' {1..60})
        mkdir "$name" && cd "$name" || exit
    done
)

exits 124 "$endless" --timeout 200ms
says "index_files: stopped by --timeout after "
prints "Partial results: not everything has been read."
if [[ $(row "so far") != "0 0 0 0" ]]; then complain "there is nothing that can be counted"; fi
exits 124 "$endless" --timeout 0.1 --jobs 1
exits 124 "$endless" --timeout 0.000001ms # before it has begun
says "index_files: stopped by --timeout after 0 of 0 files"
prints "Partial results"

for time in 60 3600s 1.5m 500000ms 999999999999999999999; do # as long as nothing stops it, all is as ever
    exits 0 "$text" --timeout "$time"
    cmp --silent "$scratch/out" "$scratch/expected" || complain "--timeout $time: another result"
done

mkfifo "$scratch/says" "$scratch/full"
exec 4<>"$scratch/full"

# starts <file> <argument>...: in the background, with a stdout of its own, until it says that reading goes on.
starts() {
    : >"$scratch/err"
    set -m # else the shell has it ignore SIGINT
    timeout --foreground --kill-after=5 60 "$program" "${@:2}" >"$1" 2>"$scratch/says" </dev/null &
    set +m
    exec 3<"$scratch/says"
    hears "File name too long"
}
# hears <text>: waits for a line with it on stderr.
hears() {
    local line
    while IFS= read -r line <&3; do
        printf '%s\n' "$line" >>"$scratch/err"
        if [[ $line == *"$1"* ]]; then return; fi
    done
    complain "this was to be on stderr: $1"
}
ends() {
    wait $!
    status=$?
    if [[ $status != "$1" ]]; then complain "exit code $1 was expected of what was stopped by a signal"; fi
}

for signal in INT TERM; do
    starts "$scratch/out" "$endless"
    kill -s "$signal" $!
    hears "index_files: stopped by SIG$signal after "
    if [[ $signal == INT ]]; then ends 130; else ends 143; fi
    prints "Partial results: not everything has been read."
done

# Ctrl-C once more ends it, though it is still writing, to a pipe that nobody empties.
timeout 5 head -c 65536 /dev/zero >&4
: >"$scratch/out"
starts "$scratch/full" "$endless"
kill -s INT $!
hears "index_files: stopped by SIGINT"
kill -s INT $!
ends 130

# ---- How it is called

exits 2 "$scratch/nowhere"
says "index_files: $scratch/nowhere: No such file or directory"
prints_nothing
exits 2 "$odd/text"
says "index_files: $odd/text: Not a directory"
exits 2 "$odd/fifo"
says "index_files: $odd/fifo: Not a directory"
exits 2 ""
exits 2 "$scratch/no"$'\n'"where"
says "index_files: $scratch/no?where: No such file or directory"

exits 2
says "DIR is missing"
says "usage: index_files DIR [--jobs N]"
prints_nothing
exits 2 "$text" "$text"
says "there is more than one DIR"
for number in 0 abc -1 "" 1x 1.5 1025 99999999999999999999; do
    exits 2 "$text" --jobs "$number"
    says "--jobs needs a number from 1 to 1024"
    prints_nothing
done
exits 2 "$text" --jobs
says "--jobs needs a number from 1 to 1024"
for time in 0 0s abc -1 "" 5h "5 s" s . 1.2.3 1e3 0x10 inf; do
    exits 2 "$text" --timeout "$time"
    says "--timeout needs a time of more than 0"
    prints_nothing
done
exits 2 "$text" --timeout
says "--timeout needs a time of more than 0"
exits 2 "$text" --fast
says "there is no option --fast"
exits 0 --help
prints "index_files DIR [--jobs N]"
is_silent

cd "$text" || exit 1
mkdir -- --fast && printf 'one\n' >--fast/file
exits 0 -- --fast
if [[ $(row "in all") != "1 1 1 4" ]]; then complain "-- --fast"; fi

if [[ -w /dev/full ]]; then
    timeout 60 "$program" "$words" >/dev/full 2>"$scratch/err"
    status=$?
    if [[ $status != 1 ]]; then complain "exit code 1 was expected where the result cannot be written"; fi
    says "index_files: the result cannot be written"
fi

# ---- The bar, where script(1) can make a terminal

if command -v script >/dev/null; then
    printf -v command '%q %q' "$program" "$many"
    timeout 60 script --quiet --return --command "$command" "$scratch/out" >/dev/null </dev/null
    status=$?
    : >"$scratch/err"
    if [[ $status != 0 ]]; then complain "on a terminal: exit code 0 was expected"; fi
    grep --quiet --extended-regexp $'\r''\[#*\.+\] [0-9]+ of [0-9]+ files' "$scratch/out" || complain "there was no bar"
fi

if ((failures)); then
    printf '%d failures\n' "$failures" >&2
    exit 1
fi
