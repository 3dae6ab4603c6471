// SPDX-License-Identifier: MIT

// return_ before the body begins, at a yield, and behind the end.

#include <rondo/rondo.hpp>

#include <string>

using namespace rondo;

namespace {

using Words = AsyncGenerator<std::string, std::string>;
using Step = Words::Step;

std::string json(const Step& r) {
    std::string text = "{";
    if (const std::string* value = r ? &*r : r.returned()) text += "\"value\":\"" + *value + "\",";
    return text + "\"done\":" + (r.done() ? "true}" : "false}");
}

struct AtEnd {
    ~AtEnd() { console.log("finally"); }
};

Words g() {
    const AtEnd finally;
    console.log("body");
    co_yield "1";
    console.log("not reached");
    co_return "";
}

Promise<> script() {
    auto a = g();
    auto started = co_await a.return_("r0");
    console.log("start:", json(started));
    auto next = co_await a.next();
    console.log(json(next));
    auto b = g();
    co_await b.next();
    auto yielded = co_await b.return_("r1");
    console.log("yield:", json(yielded));
    auto completed = co_await b.return_("r2");
    console.log(json(completed));
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
