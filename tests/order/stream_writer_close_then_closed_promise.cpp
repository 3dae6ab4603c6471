// SPDX-License-Identifier: MIT

// The promise of close is fulfilled before closed is; a second close is refused.

#include <rondo/rondo.hpp>
#include <rondo/streams.hpp>

using namespace rondo;
using namespace std::chrono_literals;

namespace {

void script() {
    const WritableStream<int> ws({.close = [] {
        console.log("sink close start");
        return Promise<>([](auto resolve) {
            setTimeout(
                [resolve] {
                    console.log("sink closed");
                    resolve();
                },
                2ms);
        });
    }});
    const auto w = ws.getWriter();
    w.closed().then([] { console.log("closed"); });
    w.close().then([] { console.log("close()"); });
    w.close().catch_([](const Error& e) { console.log("second close", e.name()); });
    console.log("sync");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
