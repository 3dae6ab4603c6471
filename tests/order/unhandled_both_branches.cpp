// SPDX-License-Identifier: MIT

// Each branch of a promise that nobody handles is told of, and only these.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    globalThis.addEventListener("unhandledrejection", [](PromiseRejectionEvent& e) {
        console.log("unhandled", e.reason());
        e.preventDefault();
    });
    const auto p = Promise<int>::reject("x");
    p.catch_([] { console.log("caught branch"); });
    p.then([] {});
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
