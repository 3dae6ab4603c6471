// SPDX-License-Identifier: MIT

// How long return_ takes: the value is awaited.

#include "ruler.hpp"

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

using Numbers = AsyncGenerator<int, int>;

Numbers g() {
    co_yield 1;
    co_return 0;
}

Promise<> script() {
    auto s = g(), y = g(), c = g();
    co_await y.next();
    co_await c.next();
    co_await c.next();
    ruler(5);
    s.return_(0).then([] { console.log("  return on suspendedStart"); });
    y.return_(0).then([] { console.log("  return on suspendedYield"); });
    c.return_(0).then([] { console.log("  return on completed"); });
    c.next().then([] { console.log("  next on completed"); });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
