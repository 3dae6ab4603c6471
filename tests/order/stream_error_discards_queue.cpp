// SPDX-License-Identifier: MIT

// An error drops what is queued.

#include <rondo/rondo.hpp>
#include <rondo/streams.hpp>

using namespace rondo;

namespace {

Promise<> script() {
    ReadableStream<int> rs({.start = [](auto& c) {
        c.enqueue(1);
        c.error(Error("bad"));
    }});
    try {
        co_await forAwait(rs, [](int x) { console.log(x); });
    } catch (const Error& e) {
        console.log("caught", e.message());
    }
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
