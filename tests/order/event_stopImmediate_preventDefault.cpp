// SPDX-License-Identifier: MIT

// stopImmediatePropagation ends the dispatch; preventDefault counts if the event is cancelable.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    EventTarget t;
    t.addEventListener("x", [](Event& e) {
        console.log("l1");
        e.preventDefault();
        e.stopImmediatePropagation();
    });
    t.addEventListener("x", [] { console.log("never"); });
    console.log(t.dispatchEvent(Event("x", {.cancelable = true})));
    console.log(t.dispatchEvent(Event("x")));
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
