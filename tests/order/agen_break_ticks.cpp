// SPDX-License-Identifier: MIT

// How long it takes to leave a loop early.

#include "ruler.hpp"

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

struct AtEnd {
    ~AtEnd() { console.log("  cleanup"); }
};

AsyncGenerator<int> g() {
    const AtEnd cleanup;
    co_yield 1;
}

Promise<> leave() {
    auto it = g(); // forAwait is a function: to await it takes a tick more
    while (auto x = co_await it.next()) {
        console.log("  body");
        co_await it.return_();
        break;
    }
    console.log("  after break");
}

void script() {
    ruler(8);
    leave();
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
