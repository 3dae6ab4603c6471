// SPDX-License-Identifier: MIT

// A generator function runs nothing until the first next().

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

AsyncGenerator<int> g() {
    console.log("started");
    co_yield 1;
}

void script() {
    auto it = g();
    console.log("created");
    it.next().then([] { console.log("got"); });
    console.log("after next");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
