// SPDX-License-Identifier: MIT

// The executor runs at once; reactions never do.

#include <rondo/rondo.hpp>

#include <string>

using namespace rondo;

namespace {

void script() {
    console.log("1 before");
    const Promise<std::string> p([](auto resolve) {
        console.log("2 executor");
        resolve("v");
        console.log("3 after resolve");
    });
    p.then([](const std::string& v) { console.log("5 then", v); });
    console.log("4 after then");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
