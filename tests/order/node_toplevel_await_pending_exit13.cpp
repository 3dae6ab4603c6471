// SPDX-License-Identifier: MIT

// If nothing is left that could settle what the main function awaits, the exit code is 13.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

Promise<> main_() {
    console.log("before");
    co_await Promise<>([](auto, auto) {});
    console.log("never");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(main_);
}
