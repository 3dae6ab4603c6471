// SPDX-License-Identifier: MIT

// forEach does not wait for the async functions that it calls; a loop with an await does.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    async([]() -> Promise<> {
        for (const int each : {1, 2, 3}) {
            async(
                [](int x) -> Promise<> {
                    co_await Promise<>::resolve();
                    console.log("forEach", x);
                },
                each);
        }
        console.log("after forEach");
        for (int x = 1; x <= 2; ++x) {
            co_await Promise<>::resolve();
            console.log("for-of", x);
        }
    });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
