// SPDX-License-Identifier: MIT

// queueMicrotask shares one FIFO with the jobs of promises.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    queueMicrotask([] { console.log("m1"); });
    Promise<>::resolve().then([] {
        console.log("p1");
        queueMicrotask([] { console.log("m3 (nested)"); });
    });
    queueMicrotask([] { console.log("m2"); });
    Promise<>::resolve().then([] { console.log("p2"); });
    console.log("sync");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
