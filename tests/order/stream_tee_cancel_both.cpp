// SPDX-License-Identifier: MIT

// The source is cancelled when both branches are, with both reasons.

#include <rondo/rondo.hpp>
#include <rondo/streams.hpp>

#include <string>

using namespace rondo;

namespace {

void script() {
    ReadableStream<int> rs({.cancel = [](const std::exception_ptr& r) {
        try {
            std::rethrow_exception(r);
        } catch (const AggregateError& e) {
            const auto quoted = [&e](std::size_t i) { return '"' + base::describe(e.errors()[i]) + '"'; };
            console.log("source cancel", '[' + quoted(0) + ',' + quoted(1) + ']');
        }
    }});
    const auto branches = rs.tee();
    branches[0].cancel("ra").then([] { console.log("a cancelled"); });
    console.log("one");
    setTimeout(
        [b = branches[1]] {
            console.log("cancel b");
            b.cancel("rb").then([] { console.log("b cancelled"); });
        },
        1);
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
