// SPDX-License-Identifier: MIT

// ready is pending while the queue is full, and a new promise each time.

#include <rondo/rondo.hpp>
#include <rondo/streams.hpp>

using namespace rondo;
using namespace std::chrono_literals;

namespace {

Promise<> script() {
    const WritableStream<int> ws({.write = [](int x) -> Promise<> {
                                      console.log("sink write", x);
                                      co_await delay(5ms);
                                      console.log("sink done", x);
                                  },
                                  .close = [] { console.log("sink close"); }},
                                 CountQueuingStrategy({.highWaterMark = 2}));
    const auto w = ws.getWriter();
    for (int i = 1; i <= 4; ++i) {
        co_await w.ready();
        console.log("ready", *w.desiredSize());
        w.write(i);
    }
    console.log("all queued", *w.desiredSize());
    co_await w.close();
    console.log("closed");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
