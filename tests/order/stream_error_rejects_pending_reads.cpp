// SPDX-License-Identifier: MIT

// An error rejects the reads that wait, then closed, then those that come.

#include <rondo/rondo.hpp>
#include <rondo/streams.hpp>

#include <optional>

using namespace rondo;

namespace {

void script() {
    static std::optional<ReadableStreamDefaultController<int>> c;
    ReadableStream<int> rs({.start = [](auto& x) { c.emplace(x); }});
    const auto r = rs.getReader();
    r.read().catch_([](const std::exception_ptr& e) -> IteratorResult<int> {
        console.log("read1", e);
        return IteratorResult<int>::finished();
    });
    r.read().catch_([](const std::exception_ptr& e) -> IteratorResult<int> {
        console.log("read2", e);
        return IteratorResult<int>::finished();
    });
    r.closed().catch_([](const std::exception_ptr& e) { console.log("closed", e); });
    setTimeout(
        [r] {
            c->error("E");
            console.log("errored");
            r.read().catch_([](const std::exception_ptr& e) -> IteratorResult<int> {
                console.log("read3", e);
                return IteratorResult<int>::finished();
            });
            c.reset();
        },
        1);
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
