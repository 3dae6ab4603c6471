// SPDX-License-Identifier: MIT

// A listener that is added during a dispatch waits for the next one, whether others are still to be called or not.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    EventTarget t;
    constexpr AddEventListenerOptions once{.once = true};
    const auto first = [&] {
        console.log("first");
        t.addEventListener("x", [] { console.log("added by the first"); }, once);
    };
    const auto last = [&] {
        console.log("last");
        t.addEventListener("x", [] { console.log("added by the last"); }, once);
    };
    t.addEventListener("x", first, once);
    t.addEventListener("x", last, once);
    t.dispatchEvent(Event("x"));
    console.log("--");
    t.dispatchEvent(Event("x"));
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
