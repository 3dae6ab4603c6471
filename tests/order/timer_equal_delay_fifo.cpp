// SPDX-License-Identifier: MIT

// Timers of one deadline run in the order in which they were set. A delay of 0, a negative one, none and NaN are the
// same.

#include <rondo/rondo.hpp>

#include <limits>

using namespace rondo;

namespace {

void script() {
    setTimeout([] { console.log("a 1"); }, 1);
    setTimeout([] { console.log("b 0"); }, 0);
    setTimeout([] { console.log("c -5"); }, -5);
    setTimeout([] { console.log("d none"); });
    setTimeout([] { console.log("e NaN"); }, std::numeric_limits<double>::quiet_NaN());
    setTimeout([] { console.log("f 1"); }, 1);
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
