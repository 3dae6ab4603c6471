// SPDX-License-Identifier: MIT

// What a listener of an abort throws is reported at once; the others are called.

#include "message_of.hpp"

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    globalThis.addEventListener("error", [](ErrorEvent& e) {
        console.log("reported", messageOf(e.error()));
        e.preventDefault();
    });
    AbortController ac;
    ac.signal().addEventListener("abort", [] { throw Error("l1"); });
    ac.signal().addEventListener("abort", [] { console.log("l2"); });
    ac.abort();
    console.log("returned", ac.signal().aborted());
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
