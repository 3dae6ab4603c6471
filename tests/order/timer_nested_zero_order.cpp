// SPDX-License-Identifier: MIT

// Timers that timers set go behind all that are due.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    setTimeout(
        [] {
            console.log("t1");
            setTimeout([] { console.log("nested of t1"); }, 0);
        },
        0);
    setTimeout(
        [] {
            console.log("t2");
            setTimeout([] { console.log("nested of t2"); }, 0);
        },
        0);
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
