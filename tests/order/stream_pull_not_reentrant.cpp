// SPDX-License-Identifier: MIT

// A source is not asked again before what it promised is fulfilled.

#include <rondo/rondo.hpp>
#include <rondo/streams.hpp>

using namespace rondo;

namespace {

int n = 0;

void script() {
    ReadableStream<int> rs({.pull = [](ReadableStreamDefaultController<int>& c) -> Promise<> {
                               const int k = ++n;
                               console.log("pull", k, "start");
                               co_await delay(5);
                               c.enqueue(k);
                               console.log("pull", k, "end");
                           }},
                           {.highWaterMark = 0});
    const auto rd = rs.getReader();
    for (int i = 0; i < 3; ++i) rd.read().then([](const IteratorResult<int>& r) { console.log("got", *r); });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
