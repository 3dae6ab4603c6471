// SPDX-License-Identifier: MIT

// The setTimeout of timers/promises, here `delay`, and a signal that ends it.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    async([]() -> Promise<> {
        co_await delay(1);
        console.log("slept");
        AbortController ac;
        const auto p = delay(1000, {.signal = ac.signal()});
        ac.abort();
        co_await p.catch_([](const DOMException& e) { console.log(e.name()); });
        console.log("no longer");
    });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
