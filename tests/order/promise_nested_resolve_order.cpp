// SPDX-License-Identifier: MIT

// The puzzle of 0 to 6: returning a promise from a handler costs two ticks.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    Promise<>::resolve()
        .then([] {
            console.log(0);
            return Promise<>::resolve(4);
        })
        .then([](int number) { console.log(number); });
    Promise<>::resolve()
        .then([] { console.log(1); })
        .then([] { console.log(2); })
        .then([] { console.log(3); })
        .then([] { console.log(5); })
        .then([] { console.log(6); });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
