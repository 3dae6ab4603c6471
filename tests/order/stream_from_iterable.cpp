// SPDX-License-Identifier: MIT

// A stream of what a generator yields; it is closed when the loop is left.

#include <rondo/rondo.hpp>
#include <rondo/streams.hpp>

using namespace rondo;

namespace {

AsyncGenerator<int> g() {
    struct Finally {
        ~Finally() { console.log("iterator closed"); }
    };
    const Finally finally;
    co_yield 1;
    co_yield 2;
    co_yield 3;
}

Promise<> script() {
    const auto rs = ReadableStream<>::from(g());
    co_await forAwait(rs, [](int x) {
        console.log(x);
        return x != 2;
    });
    console.log("end");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
