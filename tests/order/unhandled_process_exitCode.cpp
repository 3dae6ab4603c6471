// SPDX-License-Identifier: MIT

// The exit code is what the script says.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

int script() {
    setTimeout([] { console.log("timer"); }, 1);
    return 3;
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    const int c = loop.run(script);
    console.log("exit", c);
    return c;
}
