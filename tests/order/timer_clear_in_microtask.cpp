// SPDX-License-Identifier: MIT

// A timer that is due but has not run can still be cleared, by a microtask of the one before.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    static TimerHandle b;
    setTimeout(
        [] {
            console.log("a");
            Promise<>::resolve().then([] {
                console.log("micro clears b");
                clearTimeout(b);
            });
        },
        0);
    b = setTimeout([] { console.log("b never"); }, 0);
    setTimeout([] { console.log("c"); }, 0);
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
