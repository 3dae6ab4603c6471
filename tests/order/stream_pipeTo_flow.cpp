// SPDX-License-Identifier: MIT

// A pipe locks both streams until it has ended.

#include <rondo/rondo.hpp>
#include <rondo/streams.hpp>

using namespace rondo;

namespace {

void script() {
    const ReadableStream<int> rs({.pull = [n = 0](auto& c) mutable {
        if (++n > 3) return c.close();
        c.enqueue(n);
    }});
    const WritableStream<int> ws(
        {.write = [](int x) { console.log("write", x); }, .close = [] { console.log("close"); }});
    rs.pipeTo(ws).then([rs, ws] { console.log("pipe done", rs.locked(), ws.locked()); });
    console.log("locked", rs.locked(), ws.locked());
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
