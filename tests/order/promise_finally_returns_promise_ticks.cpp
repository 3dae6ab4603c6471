// SPDX-License-Identifier: MIT

// A fulfilled promise that the handler of finally returns costs no more than a value.

#include "ruler.hpp"

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    ruler(6);
    const auto q = Promise<>::resolve();
    Promise<>::resolve("v").finally([q] { return q; }).then([](const char* v) {
        console.log("  after finally(promise)", v);
    });
    Promise<>::resolve("w").finally([] { return 1; }).then([](const char* v) {
        console.log("  after finally(value)", v);
    });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
