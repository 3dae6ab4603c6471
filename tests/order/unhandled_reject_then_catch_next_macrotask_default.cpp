// SPDX-License-Identifier: MIT

// With nobody to tell, a rejection is printed before the next task, where a handler is too late.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    const auto p = Promise<>::reject(Error("x"));
    console.log("sync");
    setTimeout(
        [p] {
            p.catch_([] {});
            console.log("too late");
        },
        0);
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
