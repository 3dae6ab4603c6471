// SPDX-License-Identifier: MIT

// A timer that fell due later does not overtake one of another delay, even if both were overdue.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void spin(double ms) {
    const double e = performance.now() + ms;
    while (performance.now() < e) {}
}

void script() {
    setTimeout([] { console.log("A: set t=0,   delay 300, due 300"); }, 300);
    setTimeout([] { setTimeout([] { console.log("C: set t=200, delay 300, due 500"); }, 300); }, 200);
    setTimeout(
        [] {
            setTimeout([] { console.log("B: set t=230, delay 80,  due 310"); }, 80);
            spin(320);
        },
        230);
}

}

int main() {
    EventLoop loop; // its time is real: a virtual clock would stand still as long as the script looks at it
    return loop.run(script);
}
