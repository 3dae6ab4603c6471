// SPDX-License-Identifier: MIT

// Promises that a handler resolves run their reactions in the order in which it resolved them.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    const auto a = Promise<>::withResolvers();
    const auto b = Promise<>::withResolvers();
    a.promise.then([] { console.log("a"); });
    b.promise.then([] { console.log("b"); });
    Promise<>::resolve()
        .then([ra = a.resolve, rb = b.resolve] {
            rb();
            ra();
            console.log("resolved b then a");
        })
        .then([] { console.log("next"); });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
