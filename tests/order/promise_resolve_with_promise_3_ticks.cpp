// SPDX-License-Identifier: MIT

// What is resolved with a promise settles two ticks later.

#include "ruler.hpp"

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    ruler(4);
    Promise<>([](auto r) { r(Promise<>::resolve()); }).then([] { console.log("  outer reaction"); });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
