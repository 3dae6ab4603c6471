// SPDX-License-Identifier: MIT

// A source is asked until its queue is full, before anybody reads.

#include <rondo/rondo.hpp>
#include <rondo/streams.hpp>

using namespace rondo;

namespace {

int n = 0;

Promise<> read(ReadableStream<int> rs) {
    console.log("reader");
    const auto r = rs.getReader();
    const auto step = co_await r.read();
    console.log(*step);
    co_await delay(1);
    co_await r.cancel();
    console.log("cancelled");
}

void script() {
    ReadableStream<int> rs({.pull =
                                [](auto& c) {
                                    c.enqueue(++n);
                                    console.log("pulled", n, "desired now", *c.desiredSize());
                                }},
                           {.highWaterMark = 3});
    setTimeout([rs] { return read(rs); }, 5);
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
