// SPDX-License-Identifier: MIT

// clearTimeout clears an interval, and clearInterval a timeout.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    static TimerHandle i;
    i = setInterval(
        [] {
            console.log("interval once");
            clearTimeout(i);
        },
        1);
    const auto t = setTimeout([] { console.log("never"); }, 20);
    clearInterval(t);
    setTimeout([] { console.log("end"); }, 40);
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
