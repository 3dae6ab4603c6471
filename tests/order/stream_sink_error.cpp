// SPDX-License-Identifier: MIT

// What the sink throws rejects the write, those behind it, and closed.

#include <rondo/rondo.hpp>
#include <rondo/streams.hpp>

using namespace rondo;
using namespace std::chrono_literals;

namespace {

void script() {
    const WritableStream<int> ws({.write = [](int x) {
        if (x == 2) throw "sink failed";
        console.log("write", x);
    }});
    const auto w = ws.getWriter();
    for (const int x : {1, 2, 3}) {
        w.write(x).then([x] { console.log("ok", x); },
                        [x](std::exception_ptr e) { console.log("failed", x, base::describe(e)); });
    }
    w.closed().catch_([](std::exception_ptr e) { console.log("closed", base::describe(e)); });
    w.ready().catch_([] {});
    setTimeout([w] { w.write(4).catch_([](std::exception_ptr e) { console.log("later", base::describe(e)); }); }, 1ms);
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
