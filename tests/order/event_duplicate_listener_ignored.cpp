// SPDX-License-Identifier: MIT

// The same callback for the same type and capture counts once.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void f() { console.log("f"); }

void script() {
    EventTarget t;
    t.addEventListener("x", f);
    t.addEventListener("x", f);
    t.addEventListener("x", f, {.once = true});
    t.addEventListener("x", f, true);
    t.dispatchEvent(Event("x"));
    console.log("--");
    t.removeEventListener("x", f);
    t.dispatchEvent(Event("x"));
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
