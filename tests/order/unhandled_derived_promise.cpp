// SPDX-License-Identifier: MIT

// Of p.then(f) the derived promise is unhandled, and p is not.

#include <rondo/rondo.hpp>

#include <optional>

using namespace rondo;

namespace {

void script() {
    static std::optional<Promise<int>> p;
    static std::optional<Promise<>> d;
    globalThis.addEventListener("unhandledrejection", [](PromiseRejectionEvent& e) {
        console.log("unhandled", e.reason(), "is derived:", e.promise() == *d, "is p:", e.promise() == *p);
        e.preventDefault();
        p.reset();
        d.reset();
    });
    p = Promise<int>::reject("x");
    d = p->then([] {});
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
