// SPDX-License-Identifier: MIT

// await in catch and in finally. C++ has none in a catch, so the function asks how the promise was settled.

#include "message_of.hpp"

#include <rondo/rondo.hpp>

#include <string>

using namespace rondo;

namespace {

Promise<std::string> f() {
    console.log("try");
    const auto tried = co_await Promise<>::reject(Error("x")).settled();
    std::string result;
    if (tried.fulfilled()) {
        console.log("no");
    } else {
        console.log("catch", messageOf(tried.reason()));
        co_await Promise<>::resolve(0);
        console.log("catch after await");
        result = "from catch";
    }
    console.log("finally");
    co_await Promise<>::resolve(0);
    console.log("finally after await");
    co_return result;
}

void script() {
    f().then([](const std::string& v) { console.log("result", v); });
    console.log("sync");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
