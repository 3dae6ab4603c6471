// SPDX-License-Identifier: MIT

// A source is asked in a microtask when start has ended, until its queue is full.

#include <rondo/rondo.hpp>
#include <rondo/streams.hpp>

using namespace rondo;

namespace {

int n = 0;

Promise<> read(ReadableStreamDefaultReader<int> r) {
    for (int i = 0; i < 3; ++i) co_await Promise<>::resolve(0);
    console.log("now reading");
    while (auto step = co_await r.read()) {
        const int value = *step;
        console.log("read", value);
    }
    console.log("done");
}

void script() {
    ReadableStream<int> rs({.start = [] { console.log("start (sync)"); },
                            .pull =
                                [](auto& c) {
                                    console.log("pull", ++n, "desired", *c.desiredSize());
                                    c.enqueue(n);
                                    if (n == 4) c.close();
                                }});
    console.log("constructed");
    read(rs.getReader());
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
