// SPDX-License-Identifier: MIT

// A loop over a generator: two ticks a value, and one to its end.

#include "ruler.hpp"

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

AsyncGenerator<int> g() {
    co_yield 1;
    co_yield 2;
    co_yield 3;
}

Promise<> loopOver() {
    auto it = g(); // forAwait is a function: to await it takes a tick more
    while (auto x = co_await it.next()) console.log("  body", *x);
    console.log("  loop exit");
}

void script() {
    ruler(8);
    loopOver();
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
