// SPDX-License-Identifier: MIT

// What a timer throws is printed; its microtasks and the next timer run, and the exit code is 1.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    setTimeout(
        [] {
            Promise<>::resolve().then([] { console.log("micro?"); });
            throw Error("boom");
        },
        0);
    setTimeout([] { console.log("second timer?"); }, 0);
    console.log("sync");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
