// SPDX-License-Identifier: MIT

// Requests are answered in order; those behind the end, too.

#include "ruler.hpp"

#include <rondo/rondo.hpp>

#include <string>

using namespace rondo;

namespace {

using Words = AsyncGenerator<std::string>;

Words g() {
    console.log("  run 1");
    co_yield "a";
    console.log("  run 2");
    co_yield "b";
    console.log("  run end");
}

void script() {
    ruler(8);
    auto it = g();
    for (int i = 1; i <= 4; ++i) {
        it.next().then(
            [i](const Words::Step& r) { console.log("  req" + std::to_string(i), r ? *r : "undefined", r.done()); });
    }
    console.log("all queued");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
