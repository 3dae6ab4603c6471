// SPDX-License-Identifier: MIT

// An on… handler keeps the place at which it was first set.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    AbortController s;
    const AbortSignal& t = s.signal();
    t.addEventListener("abort", [] { console.log("l1"); });
    t.onabort([] { console.log("on (old)"); });
    t.addEventListener("abort", [] { console.log("l2"); });
    t.onabort([] { console.log("on (new)"); });
    s.abort();
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
