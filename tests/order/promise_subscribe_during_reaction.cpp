// SPDX-License-Identifier: MIT

// A reaction that is added by a reaction of the same promise goes to the end of the queue.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    const auto p = Promise<>::resolve();
    p.then([p] {
        console.log("r1");
        p.then([] { console.log("r1 added"); });
    });
    p.then([] { console.log("r2"); });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
