// SPDX-License-Identifier: MIT

// A promise that nobody can settle does not keep the program running; what stands behind its await is never reached, be it
// what JavaScript has in a finally.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

Promise<> wait() {
    console.log("waiting");
    const auto waited = co_await Promise<>([](auto, auto) {}).settled();
    if (waited.fulfilled()) console.log("never");
    console.log("never (finally)");
}

void script() { wait(); }

}

int main() {
    EventLoop loop({.virtualTime = true});
    const int c = loop.run(script);
    console.log("exit", c);
    return c;
}
