// SPDX-License-Identifier: MIT

// The classic puzzle: async1, async2, a promise and a timeout.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

Promise<> async2() {
    console.log("async2");
    co_return;
}

Promise<> async1() {
    console.log("async1 start");
    co_await async2();
    console.log("async1 end");
}

void script() {
    console.log("script start");
    setTimeout([] { console.log("setTimeout"); }, 0);
    async1();
    Promise<>([](auto resolve, auto) {
        console.log("promise1");
        resolve();
    }).then([] { console.log("promise2"); });
    console.log("script end");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
