// SPDX-License-Identifier: MIT

// Nothing is transformed before somebody reads; the writer waits meanwhile.

#include <rondo/rondo.hpp>
#include <rondo/streams.hpp>

#include <string>

using namespace rondo;
using namespace std::chrono_literals;

namespace {

void script() {
    const TransformStream<std::string> ts({.transform = [](std::string x, auto& c) {
        console.log("transform", x);
        c.enqueue(std::move(x));
    }});
    const auto w = ts.writable().getWriter();
    console.log("desired", *w.desiredSize());
    w.write("a").then([] { console.log("write a ok"); });
    console.log("desired", *w.desiredSize());
    w.ready().then([] { console.log("ready"); });
    setTimeout(
        [ts]() -> Promise<> {
            console.log("read");
            const auto r = ts.readable().getReader();
            const auto step = co_await r.read();
            console.log(*step);
        },
        5ms);
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
