// SPDX-License-Identifier: MIT

// abort() inside of a listener does nothing, and a listener that is added there is not called.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    AbortController ac;
    ac.signal().addEventListener("abort", [&ac] {
        console.log("l1");
        ac.abort("second");
        ac.signal().addEventListener("abort", [] { console.log("never"); });
    });
    ac.abort("first");
    console.log(ac.signal().reason());
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
