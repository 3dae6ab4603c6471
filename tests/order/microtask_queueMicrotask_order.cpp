// SPDX-License-Identifier: MIT

// queueMicrotask shares one FIFO with the jobs of promises.

#include <rondo/promise.hpp>

#include <cstdio>

using namespace rondo;

namespace {

void log(const char* text) { std::puts(text); }

void script() {
    EventLoop& loop = EventLoop::current();
    loop.queueMicrotask([] { log("m1"); });
    Promise<>::resolve().then([&loop] {
        log("p1");
        loop.queueMicrotask([] { log("m3 (nested)"); });
    });
    loop.queueMicrotask([] { log("m2"); });
    Promise<>::resolve().then([] { log("p2"); });
    log("sync");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
