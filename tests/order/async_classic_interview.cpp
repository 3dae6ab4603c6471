// SPDX-License-Identifier: MIT

// The classic puzzle: async1, async2, a promise and a timeout.

#include <rondo/promise.hpp>

#include <cstdio>

using namespace rondo;

namespace {

void log(const char* text) { std::puts(text); }

Promise<> async2() {
    log("async2");
    co_return;
}

Promise<> async1() {
    log("async1 start");
    co_await async2();
    log("async1 end");
}

void script() {
    log("script start");
    EventLoop::current().setTimer([] { log("setTimeout"); }, 0, false);
    async1();
    Promise<>([](auto resolve, auto) {
        log("promise1");
        resolve();
    }).then([] { log("promise2"); });
    log("script end");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
