// SPDX-License-Identifier: MIT

// An event that is being dispatched is refused.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    EventTarget t;
    Event e("x");
    t.addEventListener("x", [&] {
        try {
            t.dispatchEvent(e);
        } catch (const DOMException& x) {
            console.log(x.name(), x.code());
        }
    });
    t.dispatchEvent(e);
    t.dispatchEvent(Event("y"));
    console.log("ok again");
    t.removeEventListener("x", EventListener());
    console.log(e.eventPhase(), e.currentTarget() ? "a target" : "null", e.target() == &t);
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
