// SPDX-License-Identifier: MIT

// Promise.try calls the function at once, with its arguments; what it throws rejects, a promise that it returns
// costs two ticks more.

#include "ruler.hpp"

#include <rondo/rondo.hpp>

#include <exception>

using namespace rondo;

namespace {

void script() {
    ruler(4);
    Promise<>::try_(
        [](const char* a, const char* b) {
            console.log("called sync", a, b);
            return 1;
        },
        "x", "y")
        .then([](int v) { console.log("  value", v); });
    Promise<>::try_([] { throw "err"; }).catch_([](const std::exception_ptr& e) { console.log("  threw", e); });
    Promise<>::try_([] { return Promise<>::resolve(2); }).then([](int v) { console.log("  promise", v); });
    Promise<>::try_([]() -> Promise<int> { co_return 3; }).then([](int v) { console.log("  async fn", v); });
    console.log("end of script");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
