// SPDX-License-Identifier: MIT

// The first next() runs the body at once; what it yields takes two ticks.

#include "ruler.hpp"

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

AsyncGenerator<int> g() {
    console.log("body start");
    co_yield 1;
    console.log("resumed");
}

void script() {
    ruler(4);
    auto it = g();
    it.next().then([](const IteratorResult<int>& r) { console.log("  next ->", *r, r.done()); });
    console.log("end of script");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
