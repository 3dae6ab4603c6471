// SPDX-License-Identifier: MIT

// throw_ before the body begins, and at a yield, where it is caught.

#include <rondo/rondo.hpp>

#include <string>

using namespace rondo;

namespace {

using Words = AsyncGenerator<std::string>;

std::string json(const Words::Step& r) { return r ? "{\"value\":\"" + *r + "\",\"done\":false}" : "{\"done\":true}"; }

Words g() {
    for (;;) {
        std::string caught;
        try {
            co_yield "y";
        } catch (const std::string& e) {
            caught = e;
        }
        if (caught.empty()) continue;
        console.log("inside caught", caught);
        co_yield "recovered";
    }
}

Promise<> script() {
    auto a = g();
    try {
        co_await a.throw_(std::string("early"));
    } catch (const std::string& e) {
        console.log("start: rejected", e);
    }
    auto next = co_await a.next();
    console.log(json(next));
    auto b = g();
    co_await b.next();
    auto thrown = co_await b.throw_(std::string("E"));
    console.log(json(thrown));
    auto last = co_await b.next();
    console.log(json(last));
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
