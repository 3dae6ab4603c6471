// SPDX-License-Identifier: MIT

// A rejection is told of behind the microtasks of its task, before the next timer.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    globalThis.addEventListener("unhandledrejection", [](PromiseRejectionEvent& e) {
        console.log("unhandled", e.reason());
        e.preventDefault();
    });
    setTimeout(
        [] {
            console.log("t1");
            Promise<>::reject("x");
            queueMicrotask([] { console.log("micro"); });
        },
        0);
    setTimeout([] { console.log("t2"); }, 0);
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
