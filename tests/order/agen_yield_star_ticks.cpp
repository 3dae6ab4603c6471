// SPDX-License-Identifier: MIT

// Delegation to a generator takes a tick more for each value.

#include "ruler.hpp"

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

AsyncGenerator<int> inner() {
    co_yield 1;
    co_yield 2;
}

AsyncGenerator<int> outer() { co_yield elementsOf(inner()); }

Promise<> loopOver() {
    auto it = outer(); // forAwait is a function: to await it takes a tick more
    while (auto x = co_await it.next()) console.log("  body", *x);
    console.log("  exit");
}

void script() {
    ruler(10);
    loopOver();
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
