// SPDX-License-Identifier: MIT

// An error of the source aborts the destination, and rejects the pipe.

#include <rondo/rondo.hpp>
#include <rondo/streams.hpp>

using namespace rondo;

namespace {

void script() {
    const ReadableStream<int> rs({.start = [](auto& c) { c.enqueue(1); }, .pull = [](auto& c) { c.error("src"); }});
    const WritableStream<int> ws(
        {.write = [](int x) { console.log("write", x); },
         .close = [] { console.log("never"); },
         .abort = [](const std::exception_ptr& r) { console.log("dest abort", base::describe(r)); }});
    rs.pipeTo(ws).catch_([](std::exception_ptr e) { console.log("pipe rejected", base::describe(e)); });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
