// SPDX-License-Identifier: MIT

// then(f).catch(g) sees a rejection one tick later than then(f, g).

#include "ruler.hpp"

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    ruler(3);
    Promise<>::reject("r").then([] {}).catch_([] { console.log("  then().catch()"); });
    Promise<>::reject("r").then([] {}, [] { console.log("  then(_, g)"); });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
