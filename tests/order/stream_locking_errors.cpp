// SPDX-License-Identifier: MIT

// What is refused by a stream that is locked, and by a reader that was released.

#include <rondo/rondo.hpp>
#include <rondo/streams.hpp>

using namespace rondo;

namespace {

void script() {
    ReadableStream<int> rs;
    const auto r = rs.getReader();
    try {
        rs.getReader();
    } catch (const Error& e) {
        console.log(e.name());
    }
    rs.cancel().catch_([](const TypeError& e) { console.log("cancel", e.name()); });
    r.read().catch_([](const TypeError& e) -> IteratorResult<int> {
        console.log("pending read", e.name());
        return IteratorResult<int>::finished();
    });
    r.releaseLock();
    console.log("locked", rs.locked());
    r.read().catch_([](const TypeError& e) -> IteratorResult<int> {
        console.log("released reader", e.name());
        return IteratorResult<int>::finished();
    });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
