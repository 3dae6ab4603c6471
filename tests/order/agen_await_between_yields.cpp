// SPDX-License-Identifier: MIT

// A generator that waits between its values.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

AsyncGenerator<int> ticker() {
    for (int i = 0; i < 3; ++i) {
        co_await delay(1);
        console.log("produce", i);
        co_yield i;
    }
}

Promise<> script() {
    co_await forAwait(ticker(), [](int x) { console.log("consume", x); });
    console.log("done");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
