// SPDX-License-Identifier: MIT

// The puzzle of 0 to 6: returning a promise from a handler costs two ticks.

#include <rondo/promise.hpp>

#include <cstdio>

using namespace rondo;

namespace {

void log(int number) { std::printf("%d\n", number); }

void script() {
    Promise<>::resolve()
        .then([] {
            log(0);
            return Promise<>::resolve(4);
        })
        .then(log);
    Promise<>::resolve().then([] { log(1); }).then([] { log(2); }).then([] { log(3); }).then([] { log(5); }).then([] {
        log(6);
    });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
