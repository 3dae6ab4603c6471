// SPDX-License-Identifier: MIT

// While the listeners of a source run, what depends on it is aborted already.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    AbortController a;
    const AbortSignal d = AbortSignal::any(a.signal());
    a.signal().addEventListener("abort", [&d] { console.log("source; dependent already aborted:", d.aborted()); });
    d.addEventListener("abort", [] { console.log("dependent"); });
    a.abort("r");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
