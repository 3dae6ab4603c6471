// SPDX-License-Identifier: MIT

// A dispatch inside of a listener is over before the listener goes on.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    EventTarget t;
    t.addEventListener("a", [&t] {
        console.log("a start");
        t.dispatchEvent(Event("b"));
        console.log("a end");
    });
    t.addEventListener("b", [] { console.log("b"); });
    t.addEventListener("a", [] { console.log("a second"); });
    t.dispatchEvent(Event("a"));
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
