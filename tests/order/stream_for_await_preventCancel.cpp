// SPDX-License-Identifier: MIT

// A loop that is left with preventCancel leaves the rest for another.

#include <rondo/rondo.hpp>
#include <rondo/streams.hpp>

using namespace rondo;

namespace {

Promise<> script() {
    ReadableStream<int> rs({.start =
                                [](auto& c) {
                                    for (int i = 1; i < 5; i++) c.enqueue(i);
                                    c.close();
                                },
                            .cancel = [] { console.log("never"); }});
    co_await forAwait(rs.values({.preventCancel = true}), [](int x) {
        console.log(x);
        return false;
    });
    console.log("locked", rs.locked());
    co_await forAwait(rs, [](int x) { console.log("rest", x); });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
