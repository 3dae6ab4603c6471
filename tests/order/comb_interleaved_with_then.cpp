// SPDX-License-Identifier: MIT

// Combinators that were made one after another are settled in this order, in one tick.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    const auto a = Promise<>::resolve("a");
    const auto b = Promise<>::resolve("b");
    Promise<>::race(a, b).then([] { console.log("race"); });
    Promise<>::all(a, b).then([] { console.log("all"); });
    Promise<>::any(a, b).then([] { console.log("any"); });
    Promise<>::allSettled(a, b).then([] { console.log("allSettled"); });
    a.then([] { console.log("a"); }).then([] { console.log("a2"); }).then([] { console.log("a3"); });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
