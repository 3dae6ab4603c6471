// SPDX-License-Identifier: MIT

// cancel() closes the stream at once, and promises what the source's cancel does.

#include <rondo/rondo.hpp>
#include <rondo/streams.hpp>

using namespace rondo;

namespace {

void script() {
    ReadableStream<int> rs({.cancel = [](const std::exception_ptr& r) {
        console.log("cancel", r);
        return delay(1);
    }});
    const auto rd = rs.getReader();
    rd.closed().then([] { console.log("closed"); });
    rd.read().then([](const IteratorResult<int>& r) { console.log("read done", r.done()); });
    rd.cancel("why").then([] { console.log("cancel resolved undefined"); });
    console.log("sync");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
