// SPDX-License-Identifier: MIT

// An error that nobody caught is reported at once; then come the microtasks, then the next timer.

#include "message_of.hpp"

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    globalThis.addEventListener("error", [](ErrorEvent& e) {
        console.log("uncaught", messageOf(e.error()));
        queueMicrotask([] { console.log("micro from handler"); });
        e.preventDefault();
    });
    setTimeout(
        [] {
            Promise<>::resolve().then([] { console.log("micro of t1"); });
            console.log("t1");
            throw Error("boom");
        },
        0);
    setTimeout([] { console.log("t2"); }, 0);
    queueMicrotask([] {
        queueMicrotask([] { console.log("m2"); });
        throw Error("in microtask");
    });
    queueMicrotask([] { console.log("m1"); });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
