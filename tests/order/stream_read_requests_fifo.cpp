// SPDX-License-Identifier: MIT

// Reads are answered in order.

#include <rondo/rondo.hpp>
#include <rondo/streams.hpp>

#include <optional>
#include <string>

using namespace rondo;

namespace {

void script() {
    static std::optional<ReadableStreamDefaultController<std::string>> c;
    ReadableStream<std::string> rs({.start = [](auto& x) { c.emplace(x); }});
    const auto r = rs.getReader();
    for (int i = 1; i <= 3; i++) {
        r.read().then([i](const IteratorResult<std::string>& v) {
            console.log("read" + std::to_string(i), v ? *v : "undefined", v.done());
        });
    }
    r.closed().then([] { console.log("closed"); });
    setTimeout(
        [] {
            c->enqueue("a");
            c->enqueue("b");
            console.log("enqueued");
            c->close();
            c.reset();
        },
        1);
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
