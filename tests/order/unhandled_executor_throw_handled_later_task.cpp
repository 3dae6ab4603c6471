// SPDX-License-Identifier: MIT

// A handler that comes in a later task is called, but too late: the rejection has been printed, and the exit code is
// 1.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    const Promise<> p([](auto, auto) { throw Error("late handler"); });
    setTimeout([p] { p.catch_([] { console.log("handled, and too late"); }); }, 0);
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
