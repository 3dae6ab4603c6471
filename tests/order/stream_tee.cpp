// SPDX-License-Identifier: MIT

// Two branches of one stream, read one after the other.

#include <rondo/rondo.hpp>
#include <rondo/streams.hpp>

using namespace rondo;

namespace {

int n = 0;

Promise<> script() {
    ReadableStream<int> rs({.pull =
                                [](auto& c) {
                                    console.log("pull", ++n);
                                    c.enqueue(n);
                                    if (n == 3) c.close();
                                },
                            .cancel = [] { console.log("cancel"); }});
    const auto branches = rs.tee();
    const auto a = branches[0].values();
    while (auto x = co_await a.next()) console.log("a", *x);
    console.log("a end");
    const auto b = branches[1].values();
    while (auto x = co_await b.next()) console.log("b", *x);
    console.log("b end");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
