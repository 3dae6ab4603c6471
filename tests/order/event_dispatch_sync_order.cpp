// SPDX-License-Identifier: MIT

// dispatchEvent is synchronous; microtasks wait until the outermost script ends.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    EventTarget t;
    t.addEventListener("x", [] {
        console.log("l1");
        Promise<>::resolve().then([] { console.log("micro of l1"); });
    });
    t.addEventListener("x", [] { console.log("l2"); });
    console.log("before");
    console.log("returned", t.dispatchEvent(Event("x")));
    console.log("after");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
