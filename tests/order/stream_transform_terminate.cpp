// SPDX-License-Identifier: MIT

// terminate closes the readable side and errors the writable one, so that the source of a pipe is cancelled.

#include <rondo/rondo.hpp>
#include <rondo/streams.hpp>

#include <exception>

using namespace rondo;

namespace {

Promise<> script() {
    const TransformStream<int> ts({.transform = [](int x, auto& c) {
        console.log("t", x);
        c.enqueue(x);
        if (x == 2) c.terminate();
    }});
    const ReadableStream<int> src({.start =
                                       [](auto& c) {
                                           for (const int x : {1, 2, 3}) c.enqueue(x);
                                       },
                                   .cancel =
                                       [](const std::exception_ptr& r) {
                                           try {
                                               std::rethrow_exception(r);
                                           } catch (const Error& e) {
                                               console.log("source cancel", e.name());
                                           }
                                       }});
    auto out = src.pipeThrough(ts);
    co_await forAwait(out, [](int x) { console.log("out", x); });
    console.log("end");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
