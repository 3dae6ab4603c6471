// SPDX-License-Identifier: MIT

// How long throw_ takes: before the body begins it completes the generator at once.

#include "ruler.hpp"

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

AsyncGenerator<int> g() { co_yield 1; }

Promise<> script() {
    auto s = g(), y = g();
    co_await y.next();
    ruler(3);
    s.throw_(0).catch_([] { console.log("  throw on suspendedStart"); });
    y.throw_(0).catch_([] { console.log("  throw on suspendedYield"); });
    s.next().then([](const IteratorResult<int>& r) { console.log("  then next", r.done()); });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
