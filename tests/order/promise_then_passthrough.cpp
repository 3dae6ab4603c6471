// SPDX-License-Identifier: MIT

// Where there is no handler a value or a reason passes on, one tick a link.

#include "ruler.hpp"

#include <rondo/rondo.hpp>

#include <exception>

using namespace rondo;

namespace {

void script() {
    ruler(4);
    // in C++ a `then` without a handler is spelled `then(v => v)`
    const auto same = [](const char* v) { return v; };
    Promise<>::resolve("v").then(same).then(same).then([](const char* v) { console.log("  value", v); });
    Promise<>::reject("r")
        .then([] { console.log("skipped"); })
        .then([] { console.log("skipped"); })
        .catch_([](const std::exception_ptr& e) { console.log("  reason", e); });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
