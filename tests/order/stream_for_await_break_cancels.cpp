// SPDX-License-Identifier: MIT

// A loop that is left cancels the stream, and unlocks it.

#include <rondo/rondo.hpp>
#include <rondo/streams.hpp>

using namespace rondo;

namespace {

int n = 0;

Promise<> script() {
    ReadableStream<int> rs(
        {.pull = [](auto& c) { c.enqueue(++n); },
         .cancel = [](const std::exception_ptr& r) { console.log("cancel", r ? "a reason" : "undefined"); }});
    co_await forAwait(rs, [](int x) {
        console.log(x);
        return x != 2;
    });
    console.log("after", rs.locked());
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
