// SPDX-License-Identifier: MIT

// The return completion that leaves a generator says what it returns: not a later one that was discarded on the way.

#include <rondo/rondo.hpp>

#include <exception>
#include <string>
#include <utility>

using namespace rondo;

namespace {

using Words = AsyncGenerator<std::string, std::string>;

Words discards() {
    std::exception_ptr thrown;
    try {
        co_yield "1";
    } catch (...) {
        thrown = std::current_exception();
    }
    try {
        co_yield "2";
    } catch (const ReturnCompletion&) {
        console.log("discard");
    }
    console.log("go on");
    std::rethrow_exception(thrown);
}

Words replaces() {
    std::exception_ptr thrown;
    try {
        co_yield "1";
    } catch (...) {
        thrown = std::current_exception();
    }
    try {
        co_yield "2";
    } catch (const ReturnCompletion&) {
        console.log("inner");
        throw;
    }
    std::rethrow_exception(thrown);
}

Words outlives() {
    std::exception_ptr thrown;
    try {
        co_yield "1";
    } catch (...) {
        thrown = std::current_exception();
    }
    try {
        throw std::string("error");
    } catch (const std::string& e) {
        console.log("caught", e);
    }
    co_yield "2";
    std::rethrow_exception(thrown);
}

void show(const std::string& name, const Words::Step& r) {
    console.log(name, r ? *r : r.returned() ? *r.returned() : "undefined", r.done());
}

Promise<> tell(std::string name, Words g) {
    auto first = co_await g.next();
    show(name, first);
    auto ended = co_await g.return_("a");
    show(name, ended);
    auto again = name == "outlives" ? g.next() : g.return_("b");
    auto left = co_await again;
    show(name, left);
    auto last = co_await g.next();
    show(name, last);
}

Promise<> script() {
    auto first = tell("discards", discards());
    co_await first;
    auto second = tell("replaces", replaces());
    co_await second;
    auto third = tell("outlives", outlives());
    co_await third;
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
