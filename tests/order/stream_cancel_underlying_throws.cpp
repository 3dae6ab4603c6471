// SPDX-License-Identifier: MIT

// What the source's cancel throws rejects cancel(), and the stream is closed all the same.

#include <rondo/rondo.hpp>
#include <rondo/streams.hpp>

using namespace rondo;

namespace {

void script() {
    ReadableStream<int> rs({.cancel = [] { throw "C"; }});
    const auto rd = rs.getReader();
    rd.closed().then([] { console.log("closed ok"); });
    rd.cancel().catch_([](const std::exception_ptr& e) { console.log("cancel rejected", e); });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
