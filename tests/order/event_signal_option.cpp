// SPDX-License-Identifier: MIT

// A signal removes the listener, also in the middle of a dispatch.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    EventTarget t;
    AbortController ac;
    t.addEventListener("x", [&ac] {
        console.log("l1 aborts");
        ac.abort();
    });
    t.addEventListener("x", [] { console.log("never"); }, {.signal = ac.signal()});
    t.addEventListener("x", [] { console.log("never"); }, {.signal = AbortSignal::abort()});
    t.dispatchEvent(Event("x"));
    console.log("end");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
