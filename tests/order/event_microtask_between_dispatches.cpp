// SPDX-License-Identifier: MIT

// Between two dispatches of one script no microtask runs.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    EventTarget t;
    t.addEventListener("x", [](CustomEvent<int>& e) {
        console.log("x", e.detail());
        queueMicrotask([detail = e.detail()] { console.log("micro", detail); });
    });
    t.dispatchEvent(CustomEvent("x", 1));
    t.dispatchEvent(CustomEvent("x", 2));
    console.log("end");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
