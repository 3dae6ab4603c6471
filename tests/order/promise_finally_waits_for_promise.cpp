// SPDX-License-Identifier: MIT

// finally waits for a promise that its handler returns.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    Promise<>::resolve("v")
        .finally([] {
            console.log("finally");
            return Promise<>([](auto r) {
                setTimeout(
                    [r] {
                        console.log("delay done");
                        r();
                    },
                    1);
            });
        })
        .then([](const char* v) { console.log("after", v); });
    setTimeout([] { console.log("timer 150"); }, 150);
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
