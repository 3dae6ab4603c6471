// SPDX-License-Identifier: MIT

// A stream that is closed gives what is queued before it ends.

#include <rondo/rondo.hpp>
#include <rondo/streams.hpp>

using namespace rondo;

namespace {

Promise<> script() {
    ReadableStream<int> rs({.start = [](auto& c) {
        c.enqueue(1);
        c.enqueue(2);
        c.close();
        try {
            c.enqueue(3);
        } catch (const Error& e) {
            console.log("enqueue after close:", e.name());
        }
    }});
    const auto it = rs.values();
    while (auto x = co_await it.next()) console.log(*x);
    console.log("end");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
