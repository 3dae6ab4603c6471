// SPDX-License-Identifier: MIT

// What pull throws errors the stream.

#include <rondo/rondo.hpp>
#include <rondo/streams.hpp>

using namespace rondo;

namespace {

void script() {
    ReadableStream<int> rs({.pull = [] {
        console.log("pull");
        throw "P";
    }});
    const auto rd = rs.getReader();
    rd.read().catch_([](const std::exception_ptr& e) -> IteratorResult<int> {
        console.log("read", e);
        return IteratorResult<int>::finished();
    });
    rd.closed().catch_([](const std::exception_ptr& e) { console.log("closed", e); });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
