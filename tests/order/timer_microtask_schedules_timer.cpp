// SPDX-License-Identifier: MIT

// A timer that is set by a microtask goes behind those that are due.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    setTimeout(
        [] {
            console.log("t1");
            Promise<>::resolve().then([] {
                console.log("micro");
                setTimeout([] { console.log("timer from micro"); }, 0);
            });
        },
        0);
    setTimeout([] { console.log("t2"); }, 0);
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
