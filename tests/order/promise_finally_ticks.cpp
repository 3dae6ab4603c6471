// SPDX-License-Identifier: MIT

// Behind finally(f) the next reaction runs at tick 4, of a fulfilled promise as of a rejected one; behind then(f) at
// tick 2.

#include "ruler.hpp"

#include <rondo/rondo.hpp>

#include <exception>

using namespace rondo;

namespace {

void script() {
    ruler(6);
    Promise<>::resolve("v").finally([] { console.log("  finally cb"); }).then([](const char* v) {
        console.log("  after finally", v);
    });
    Promise<>::reject("r").finally([] { console.log("  finally cb (rej)"); }).catch_([](const std::exception_ptr& e) {
        console.log("  after finally (rej)", e);
    });
    Promise<>::resolve("v").then([] { console.log("  then cb"); }).then([] { console.log("  after then"); });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
