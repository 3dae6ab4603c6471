// SPDX-License-Identifier: MIT

// Those who wait for one promise go on in the order in which they came.

#include <rondo/rondo.hpp>

#include <string>

using namespace rondo;

namespace {

Promise<> wait(std::string n, Promise<> gate) {
    co_await gate;
    console.log(n);
    co_await Promise<>::resolve(0);
    console.log(n + "2");
}

void script() {
    const auto [gate, r, reject] = Promise<>::withResolvers();
    for (const char* n : {"a", "b", "c"}) wait(n, gate);
    gate.then([] { console.log("then"); });
    r();
    console.log("sync");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
