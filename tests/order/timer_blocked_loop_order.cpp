// SPDX-License-Identifier: MIT

// Timers that have fallen due while the loop was blocked run in the order of their deadlines.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    setTimeout([] { console.log("20"); }, 20);
    setTimeout([] { console.log("5"); }, 5);
    setTimeout([] { console.log("12"); }, 12);
    const double e = performance.now() + 40;
    while (performance.now() < e) {}
    console.log("unblocked");
}

}

int main() {
    EventLoop loop; // its time is real: a virtual clock would stand still as long as the script looks at it
    return loop.run(script);
}
