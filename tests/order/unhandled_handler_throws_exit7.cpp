// SPDX-License-Identifier: MIT

// What a listener for errors throws is printed, and not told to it again.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    globalThis.addEventListener("error", [] { throw Error("again"); });
    setTimeout([] { throw Error("first"); }, 0);
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
