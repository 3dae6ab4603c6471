// SPDX-License-Identifier: MIT

// Chunks go through a chain of transform streams to a sink, which is closed at the end.

#include <rondo/rondo.hpp>
#include <rondo/streams.hpp>

using namespace rondo;

namespace {

template <class F>
TransformStream<int> filter(F f) {
    return TransformStream<int>({.transform = [f](int x, auto& c) {
        if (f(x)) c.enqueue(x);
    }});
}

template <class F>
TransformStream<int> map(F f) {
    return TransformStream<int>({.transform = [f](int x, auto& c) { c.enqueue(f(x)); }});
}

void script() {
    const ReadableStream<int> src({.start = [](auto& c) {
        for (const int x : {1, 2, 3, 4}) c.enqueue(x);
        c.close();
    }});
    src.pipeThrough(filter([](int x) { return x % 2 == 0; }))
        .pipeThrough(map([](int x) { return x * 10; }))
        .pipeTo(WritableStream<int>(
            {.write = [](int x) { console.log("sink", x); }, .close = [] { console.log("close"); }}))
        .then([] { console.log("done"); });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
