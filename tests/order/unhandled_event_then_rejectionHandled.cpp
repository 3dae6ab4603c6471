// SPDX-License-Identifier: MIT

// A rejection is told of behind the checkpoint; that it is handled after all, in a task of its own.

#include <rondo/rondo.hpp>

#include <exception>

using namespace rondo;

namespace {

void script() {
    globalThis.addEventListener("unhandledrejection", [](PromiseRejectionEvent& e) {
        console.log("unhandledRejection", e.reason());
        e.preventDefault();
    });
    globalThis.addEventListener("rejectionhandled", [] { console.log("rejectionHandled"); });
    const auto p = Promise<>::reject("r");
    Promise<>::resolve().then([] { console.log("micro"); });
    setTimeout(
        [p] {
            console.log("timer 1: attaching");
            p.catch_([](const std::exception_ptr& e) { console.log("caught", e); });
        },
        1);
    setTimeout([] { console.log("timer 2"); }, 40);
    console.log("sync");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
