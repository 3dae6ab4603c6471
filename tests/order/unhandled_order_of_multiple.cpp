// SPDX-License-Identifier: MIT

// Rejections are told of in the order in which they came, with a checkpoint behind each listener.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    globalThis.addEventListener("unhandledrejection", [](PromiseRejectionEvent& e) {
        console.log("unhandled", e.reason());
        Promise<>::resolve().then([r = e.reason()] { console.log("micro from handler", r); });
        e.preventDefault();
    });
    Promise<>::reject("a");
    Promise<>::reject("b");
    Promise<>([](auto, auto rej) {
        setTimeout(
            [rej] {
                rej("c");
                console.log("timer");
            },
            1);
    });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
