// SPDX-License-Identifier: MIT

// A call that nobody awaits runs up to its first await; then its caller goes on.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

Promise<> child() {
    console.log("child 1");
    co_await Promise<>::resolve(0);
    console.log("child 2");
    co_await Promise<>::resolve(0);
    console.log("child 3");
}

Promise<> parent() {
    console.log("parent 1");
    child();
    console.log("parent 2");
    co_await Promise<>::resolve(0);
    console.log("parent 3");
    co_await Promise<>::resolve(0);
    console.log("parent 4");
}

void script() { parent(); }

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
