// SPDX-License-Identifier: MIT

// An abort errors the stream at once, and tells the sink behind the write in flight.

#include <rondo/rondo.hpp>
#include <rondo/streams.hpp>

#include <string>

using namespace rondo;
using namespace std::chrono_literals;

namespace {

void script() {
    const WritableStream<std::string> ws(
        {.write =
             [](const std::string& x) {
                 console.log("write", x);
                 return delay(50ms);
             },
         .abort = [](const std::exception_ptr& r) { console.log("sink abort", base::describe(r)); }});
    const auto w = ws.getWriter();
    w.write("a").then([] { console.log("a ok"); }, [](std::exception_ptr e) { console.log("a", base::describe(e)); });
    w.write("b").catch_([](std::exception_ptr e) { console.log("b", base::describe(e)); });
    w.closed().catch_([](std::exception_ptr e) { console.log("closed", base::describe(e)); });
    setTimeout(
        [w] {
            w.abort("R").then([] { console.log("abort ok"); });
            console.log("abort called");
            w.ready().catch_([](std::exception_ptr e) { console.log("ready", base::describe(e)); });
        },
        10ms);
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
