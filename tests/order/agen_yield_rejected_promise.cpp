// SPDX-License-Identifier: MIT

// A yielded promise that is rejected throws at the yield.

#include <rondo/rondo.hpp>

#include <string>

using namespace rondo;

namespace {

using Words = AsyncGenerator<std::string>;

Words g() {
    std::string caught;
    try {
        co_yield Promise<std::string>::reject(std::string("e"));
    } catch (const std::string& e) {
        caught = e;
    }
    if (caught.empty()) co_return;
    console.log("inside", caught);
    co_yield "next";
}

Promise<> script() {
    co_await forAwait(g(), [](const std::string& x) { console.log("body", x); });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
