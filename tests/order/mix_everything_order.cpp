// SPDX-License-Identifier: MIT

// The script, then the microtasks, with those that microtasks queue, then the timers.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    console.log("1 sync");
    setTimeout(
        [] {
            console.log("6 timeout");
            queueMicrotask([] { console.log("7 micro of timeout"); });
        },
        0);
    queueMicrotask([] {
        console.log("3 micro");
        queueMicrotask([] { console.log("5 nested micro"); });
    });
    async([]() -> Promise<> {
        co_await Promise<>::resolve();
        console.log("4 after await");
    });
    console.log("2 sync end");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
