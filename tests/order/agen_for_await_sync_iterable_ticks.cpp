// SPDX-License-Identifier: MIT

// A loop over a range awaits its elements and its end.

#include "ruler.hpp"

#include <rondo/rondo.hpp>

#include <vector>

using namespace rondo;

namespace {

Promise<> loopOver() {
    const std::vector<Promise<int>> numbers{Promise<>::resolve(1), Promise<>::resolve(2)};
    auto it = iteration::asyncIteratorOf(numbers); // forAwait is a function: to await it takes a tick more
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
