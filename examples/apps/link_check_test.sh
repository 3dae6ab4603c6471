#!/usr/bin/env bash
# link_check_test.sh PROGRAM: what link_check promises, on a tree of odd pages; and on a site, if there is an nginx.

set -uo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/program_test.sh"
server=
finish() {
    if [[ -n $server ]]; then kill "$server" && wait "$server"; fi
    rm -rf "$scratch"
}
trap finish EXIT

# prints <line>: a whole one
prints() { grep --quiet --fixed-strings --line-regexp -e "$1" "$scratch/out" || complain "this was to be on stdout: $1"; }
# finds <number>: of lines about broken links
finds() {
    local found
    found=$(grep --count -E '^[^ ]+:[0-9]+: ' "$scratch/out")
    if [[ $found != "$1" ]]; then complain "$1 broken links were to be found, not $found"; fi
}

# ---- A tree, as odd as it comes

tree=$scratch/tree
mkdir -p "$tree/sub/deeper" "$tree/empty" "$tree/with space"
cat >"$tree/index.html" <<'END'
<!DOCTYPE html>
<title>Links: <a href="in-a-title.html"></title>
<a href="second.html">good</a> <a href="missing.html">missing</a>
<A HREF = 'second.html#there'>good</A> <a href=second.html#nowhere>no such part</a>
<a href="#here">good</a> <a href="#gone">gone</a> <a href="#top">good</a> <h1 id="here">Here</h1>
<a href="sub">a directory with an index</a> <a href="empty/">one without</a>
<!-- <a href="in-a-comment.html"> --> <!--> <a href="second.html">behind a short comment</a>
<script>const text = "<a href='in-a-script.html'>";</script>
<img src="dot.png" alt="good"><img src='gone.png' alt="a > b">
<a href="with%20space/a%26b.html?x=1&amp;y=2">good</a> <a href="/sub/deeper/../index.html">good</a>
<a href="mailto:nobody@example.org">left out</a> <a href="javascript:void 0">left out</a>
<a href="http://[bad">not an address</a> <a href="caf&#233;.html">good</a> <a href="?query">itself</a>
<link rel="preconnect" href="http://127.0.0.1:1/"> <a href="second.html#caf%C3%A9">good</a> <a href = >itself</a>
<a href="unfinished.html"
END
printf '<p id="there"><a name="caf\303\251"></a><a href="sub/deeper/page.htm">deeper</a>\n' >"$tree/second.html"
printf '<base href="../../"><a href="second.html">good</a>\n<a href="page.htm">broken, by the base</a>\n' >"$tree/sub/deeper/page.htm"
printf '<a href="../second.html">good</a>\n' >"$tree/sub/index.html"
printf 'an image\n' >"$tree/dot.png"
printf 'a page\n' >"$tree/with space/a&b.html"
printf 'a page\n' >"$tree/caf"$'\303\251'".html"

exits 1 "$tree"
finds 7
prints "$tree/index.html:3: missing.html: no such file"
prints "$tree/index.html:4: second.html#nowhere: there is no #nowhere"
prints "$tree/index.html:5: #gone: there is no #gone"
prints "$tree/index.html:6: empty/: a directory without an index.html"
prints "$tree/index.html:9: gone.png: no such file"
prints "$tree/index.html:12: http://[bad: not an address"
prints "$tree/sub/deeper/page.htm:2: page.htm: no such file"
grep --quiet ' 2 left out; 7 broken$' "$scratch/out" || complain "the last line was to give the figures"

exits 0 "$tree/sub"/deeper/../../with\ space
finds 0
printf '<a href="http://127.0.0.1:1/">nobody is there</a>\n' >"$tree/empty/index.html"
exits 0 --no-external "$tree/empty"
prints "0 links to 1 addresses; 1 left out; 0 broken"
exits 1 --retries 0 "$tree/empty"
finds 1

# ---- How it is called

exits 2
exits 2 "$tree" "$tree"
exits 2 "$tree/no such directory"
says "No such file or directory"
exits 2 "$0"
says "Not a directory"
exits 2 "$tree" --jobs
says "--jobs needs a number"
exits 2 "$tree" --retries 11
exits 2 "$tree" --timeout never
exits 2 --what "$tree"
exits 2 --retries 0 http://127.0.0.1:1/
exits 2 "ftp://127.0.0.1/"
says "not an address of the Web"
exits 0 --help
if [[ -e /dev/full ]]; then
    "$program" "$scratch/tree/sub" >/dev/full 2>"$scratch/err"
    status=$?
    if [[ $status != 1 ]]; then complain "what cannot be written is an error"; fi
fi

# ---- A site

source "$(dirname "${BASH_SOURCE[0]}")/nginx.sh"
if [[ -z $nginx ]]; then
    echo "There is no nginx: sites were not checked."
    exit $((failures > 0))
fi
site=$scratch/site
mkdir -p "$site/docs"
cat >"$site/index.html" <<'END'
<a href="docs/">good</a> <a href="docs/page.html#part">good</a>
<a href="docs/page.html#other">no such part</a>
<a href="/moved">good, elsewhere</a>
<a href="/moved-nowhere">moved to what is not there</a>
<a href="/busy">busy</a>
<a href="/text#anything">a fragment of what is no page</a>
<a href="/broken-off">the connection ends</a>
<a href="/circle">a circle</a>
END
printf '<h1 id="part">A page</h1><a href="/">back</a> <a href="missing.html">missing</a>\n' >"$site/docs/page.html"
printf '<a href="page.html">a page</a>\n' >"$site/docs/index.html"
printf 'a text\n' >"$site/text"

if ! serve "$site" "$scratch" '
        location = /moved { return 302 /docs/page.html; }
        location = /moved-nowhere { return 301 /nowhere; }
        location = /circle { return 302 /circle; }
        location = /busy { return 503; }
        location = /broken-off { return 444; }
    }
    server {
        listen 127.0.0.1:PORT_BESIDE;
        location = /no-head { if ($request_method = HEAD) { return 405; } return 200 "here"; }
        location / { return 404; }'; then
    exit 1
fi
other=http://127.0.0.1:$((${at##*:} + 1))
printf '<a href="%s/no-head">good</a>\n<a href="%s/gone">gone</a>\n' "$other" "$other" >>"$site/index.html"

exits 1 --retries 0 "$at/"
finds 7
prints "$at/:2: docs/page.html#other: there is no #other"
prints "$at/:4: /moved-nowhere: 404 Not Found"
prints "$at/:5: /busy: 503 Service Temporarily Unavailable"
prints "$at/:10: $other/gone: 404 Not Found"
prints "$at/docs/page.html:1: missing.html: 404 Not Found"
if [[ $(grep --count 'GET /docs/page.html' "$scratch/access.log") != 2 ]]; then # /moved leads there, too
    complain "each address was to be loaded once"
fi
exits 1 --no-external --jobs 1 --retries 1 "$at/"
finds 6
if [[ $(grep --count 'GET /busy' "$scratch/access.log") != 3 ]]; then complain "a busy server was to be tried once more"; fi
exits 2 --retries 0 "$at/nowhere"
says "404"

# Ctrl-C, while it waits for the next try.
"$program" --retries 10 "$at/" >"$scratch/out" 2>"$scratch/err" </dev/null &
checker=$!
for _ in {1..200}; do
    if (($(grep --count 'GET /busy' "$scratch/access.log") >= 5)); then break; fi
    sleep 0.05
done
kill -INT "$checker"
wait "$checker"
status=$?
if [[ $status != 130 ]]; then complain "Ctrl-C was to end it with 130"; fi
prints "Partial results: not everything has been checked."
says "stopped by SIGINT"

exit $((failures > 0))
