// SPDX-License-Identifier: MIT

// Reactions are queued when the promise settles, in the order in which they came, behind the jobs that are queued
// already.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    const auto [p, r, reject] = Promise<>::withResolvers();
    p.then([] { console.log("p1"); });
    Promise<>::resolve().then([] { console.log("q1"); });
    r();
    Promise<>::resolve().then([] { console.log("q2"); });
    p.then([] { console.log("p2"); });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
