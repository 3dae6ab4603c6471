// SPDX-License-Identifier: MIT

// Requests queue while the body waits.

#include <rondo/rondo.hpp>

#include <string>

using namespace rondo;

namespace {

using Words = AsyncGenerator<std::string, std::string>;

Words g() {
    console.log("work");
    co_await delay(1);
    console.log("worked");
    co_yield "a";
    co_yield "b";
    co_return "";
}

void script() {
    auto it = g();
    it.next().then([](const Words::Step& r) { console.log(*r); });
    it.next().then([](const Words::Step& r) { console.log(*r); });
    it.return_("R").then([](const Words::Step& r) { console.log(*r.returned(), r.done()); });
    it.next().then([](const Words::Step& r) { console.log(r.returned() ? *r.returned() : "undefined", r.done()); });
    console.log("queued 4");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
