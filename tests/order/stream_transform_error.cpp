// SPDX-License-Identifier: MIT

// What transform throws errors both sides.

#include <rondo/rondo.hpp>
#include <rondo/streams.hpp>

using namespace rondo;

namespace {

auto say(const char* what) {
    return [what](std::exception_ptr e) { console.log(what, base::describe(e)); };
}

void script() {
    const TransformStream<int> ts({.transform = [](int) { throw "T"; }});
    const auto w = ts.writable().getWriter();
    const auto r = ts.readable().getReader();
    w.ready().catch_([] {});
    w.write(1).catch_(say("write"));
    r.read().then([] {}, say("read"));
    w.closed().catch_(say("w.closed"));
    r.closed().catch_(say("r.closed"));
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
