// SPDX-License-Identifier: MIT

// Two async functions that sleep in a loop, one longer than the other.

#include <rondo/rondo.hpp>

#include <string>

using namespace rondo;

namespace {

Promise<> repeat(std::string n, int ms) {
    for (int i = 0; i < 3; ++i) {
        console.log(n, i);
        co_await delay(ms);
    }
    console.log(n, "end");
}

void script() {
    repeat("fast", 5);
    repeat("slow", 60);
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
