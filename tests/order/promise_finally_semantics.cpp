// SPDX-License-Identifier: MIT

// The handler of finally is given nothing, and what it returns is ignored; what it throws or rejects with counts.

#include <rondo/rondo.hpp>

#include <exception>

using namespace rondo;

namespace {

void script() {
    Promise<>::resolve(1)
        .finally([](auto... a) {
            console.log("args", sizeof...(a));
            return 99;
        })
        .then([](int v) { console.log("A", v); });
    Promise<>::resolve(1).finally([] { throw "thrown"; }).catch_([](const std::exception_ptr& e) {
        console.log("B", e);
    });
    Promise<>::resolve(1).finally([] { return Promise<>::reject("rejected"); }).catch_([](const std::exception_ptr& e) {
        console.log("C", e);
    });
    Promise<>::reject("orig").finally([] { return 5; }).catch_([](const std::exception_ptr& e) {
        console.log("D", e);
    });
    Promise<>::reject("orig").finally([] { throw "override"; }).catch_([](const std::exception_ptr& e) {
        console.log("E", e);
    });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
