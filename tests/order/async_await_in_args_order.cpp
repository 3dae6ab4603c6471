// SPDX-License-Identifier: MIT

// What stands before an await is evaluated before the function waits. C++ leaves the order of the operands of +
// open, so they have names here.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

int t(int x) {
    console.log("eval", x);
    return x;
}

void script() {
    async([]() -> Promise<> {
        const int one = t(1);
        const int two = co_await Promise<>::resolve(t(2));
        console.log("sum", one + two + t(3));
    });
    console.log("sync");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
