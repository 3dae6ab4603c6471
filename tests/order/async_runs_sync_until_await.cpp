// SPDX-License-Identifier: MIT

// An async function runs in its caller up to its first await.

#include <rondo/rondo.hpp>

#include <string>

using namespace rondo;

namespace {

Promise<std::string> f() {
    console.log("2 body");
    co_await Promise<>::resolve();
    console.log("4 after await");
    co_return "r";
}

void script() {
    console.log("1");
    const auto p = f();
    console.log("3");
    p.then([](const std::string& v) { console.log("5", v); });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
