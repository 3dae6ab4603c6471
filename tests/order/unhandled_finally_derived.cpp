// SPDX-License-Identifier: MIT

// Of p.finally(f) the derived promise is unhandled, once.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    globalThis.addEventListener("unhandledrejection", [n = 0](PromiseRejectionEvent& e) mutable {
        console.log("unhandled", e.reason(), ++n);
        e.preventDefault();
    });
    Promise<>::reject("x").finally([] { console.log("finally"); });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
