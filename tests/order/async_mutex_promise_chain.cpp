// SPDX-License-Identifier: MIT

// Work is done one by one when each waits for the tail of a chain.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    static Promise<> tail = Promise<>::resolve();
    const auto locked = [](auto f) { tail = tail.then(f, f); };
    for (const char* n : {"a", "b", "c"}) {
        locked([n]() -> Promise<> {
            console.log(n, "enter");
            co_await delay(1);
            console.log(n, "leave");
        });
    }
    console.log("queued");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
