// SPDX-License-Identifier: MIT

// A source is not asked before what its start promised is fulfilled.

#include <rondo/rondo.hpp>
#include <rondo/streams.hpp>

using namespace rondo;

namespace {

Promise<> script() {
    ReadableStream<int> rs({.start =
                                [] {
                                    console.log("start");
                                    return delay(5).then([] { console.log("started"); });
                                },
                            .pull =
                                [](auto& c) {
                                    console.log("pull");
                                    c.enqueue(1);
                                    c.close();
                                }});
    console.log("read");
    co_await forAwait(rs, [](int x) { console.log(x); });
    console.log("end");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
