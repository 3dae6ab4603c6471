// SPDX-License-Identifier: MIT

// What Promise.try does, spelled out: the function is called at once, what it throws rejects, a promise that it
// returns costs two ticks more.

#include "ruler.hpp"

#include <rondo/rondo.hpp>

#include <exception>

using namespace rondo;

namespace {

template <class T, class F>
Promise<T> ptry(F f) {
    return Promise<T>([&](auto resolve) { resolve(f()); });
}

void script() {
    ruler(4);
    ptry<int>([] {
        console.log("called sync");
        return 1;
    }).then([](int v) { console.log("  value", v); });
    ptry<int>([]() -> int { throw "err"; }).catch_([](const std::exception_ptr& e) { console.log("  threw", e); });
    ptry<int>([] { return Promise<>::resolve(2); }).then([](int v) { console.log("  promise", v); });
    console.log("end of script");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
