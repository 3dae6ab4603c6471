// SPDX-License-Identifier: MIT

// A handler that is attached anywhere before the microtasks are done is in time.

#include <rondo/rondo.hpp>

#include <exception>

using namespace rondo;

namespace {

void script() {
    globalThis.addEventListener("unhandledrejection", [](PromiseRejectionEvent& e) {
        console.log("UNHANDLED");
        e.preventDefault();
    });
    const auto p = Promise<>::reject("r");
    Promise<>::resolve().then([] {}).then([] {}).then(
        [p] { p.catch_([](const std::exception_ptr& e) { console.log("handled late in drain", e); }); });
    setTimeout([] { console.log("timer"); }, 0);
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
