// SPDX-License-Identifier: MIT

// Promise.resolve(p) is p itself; Promise.reject(p) is rejected with it.

#include "ruler.hpp"

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    const auto p = Promise<>::resolve(7);
    console.log(Promise<>::resolve(p) == p);
    ruler(2);
    Promise<>::resolve(p).then([](int v) { console.log("  reaction", v); });
    Promise<>::reject(p).catch_([p](const Promise<int>& e) { console.log("  reject reason is the promise:", e == p); });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
