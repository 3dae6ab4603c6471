// SPDX-License-Identifier: MIT

// What a microtask throws is reported; the queue goes on.

#include "message_of.hpp"

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    globalThis.addEventListener("error", [](ErrorEvent& e) {
        console.log("reported", messageOf(e.error()));
        e.preventDefault();
    });
    queueMicrotask([] { throw Error("m1"); });
    queueMicrotask([] { console.log("m2"); });
    Promise<>::resolve().then([] { console.log("p"); });
    setTimeout([] { console.log("timer"); }, 0);
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
