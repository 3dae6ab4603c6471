// SPDX-License-Identifier: MIT

// What is given behind the delay is passed on.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    setTimeout([](const char* a, int b) { console.log(a, b); }, 0, "x", 2);
    setTimeout([](auto... all) { console.log(all...); }, 0, "direct", "args");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
