// SPDX-License-Identifier: MIT

// race is settled as the first input that is, in the order of the inputs; of nothing, never.

#include "ruler.hpp"

#include <rondo/rondo.hpp>

#include <exception>

using namespace rondo;

namespace {

void script() {
    ruler(3);
    using Text = Promise<const char*>;
    Promise<>::race(Text([](auto) {}), Text::resolve("b"), Text::resolve("c")).then([](const char* v) {
        console.log("  race", v);
    });
    Promise<>::race(Text::reject("first"), Text::resolve("second")).catch_([](const std::exception_ptr& e) {
        console.log("  race rejected", e);
    });
    Promise<>::race().then([] { console.log("never"); });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
