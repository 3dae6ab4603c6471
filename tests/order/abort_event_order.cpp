// SPDX-License-Identifier: MIT

// abort() sets the reason, calls the listeners at once, and does so once.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    AbortController ac;
    const AbortSignal& s = ac.signal();
    s.addEventListener("abort", [&s] {
        console.log("l1", s.aborted(), s.reason());
        Promise<>::resolve().then([] { console.log("micro"); });
    });
    s.addEventListener("abort", [] { console.log("l2"); });
    console.log("before", s.aborted());
    ac.abort("why");
    console.log("after", s.reason());
    ac.abort("again");
    console.log(s.reason());
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
