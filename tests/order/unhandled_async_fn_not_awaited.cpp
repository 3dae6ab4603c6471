// SPDX-License-Identifier: MIT

// A rejection of an async function that nobody awaits is told of behind the checkpoint.

#include "message_of.hpp"

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

Promise<> f() {
    co_await Promise<>::resolve(0);
    throw Error("lost");
}

void script() {
    globalThis.addEventListener("unhandledrejection", [](PromiseRejectionEvent& e) {
        console.log("unhandled", messageOf(e.reason()));
        e.preventDefault();
    });
    f();
    console.log("sync");
    setTimeout([] { console.log("timer"); }, 1);
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
