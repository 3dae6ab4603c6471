// SPDX-License-Identifier: MIT

// Timers run in the order of their deadlines; of one deadline, in the order in which they were set.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    setTimeout([] { console.log("100"); }, 100);
    setTimeout([] { console.log("10"); }, 10);
    setTimeout([] { console.log("55"); }, 55);
    setTimeout([] { console.log("10 again"); }, 10);
    console.log("sync");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
