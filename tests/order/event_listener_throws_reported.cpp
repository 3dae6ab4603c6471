// SPDX-License-Identifier: MIT

// What a listener throws is reported at once, before the next listener; it does not leave dispatchEvent.

#include "message_of.hpp"

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    globalThis.addEventListener("error", [](ErrorEvent& e) {
        console.log("reported", messageOf(e.error()));
        e.preventDefault();
    });
    EventTarget t;
    t.addEventListener("x", [] {
        console.log("l1");
        throw Error("boom");
    });
    t.addEventListener("x", [] { console.log("l2"); });
    Promise<>::resolve().then([] { console.log("micro"); });
    try {
        t.dispatchEvent(Event("x"));
        console.log("dispatch returned");
    } catch (...) {
        console.log("propagated");
    }
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
