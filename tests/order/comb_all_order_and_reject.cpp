// SPDX-License-Identifier: MIT

// The values have the order of the inputs; the first rejection counts, and the others still run.

#include "join.hpp"

#include <rondo/rondo.hpp>

#include <exception>
#include <string>
#include <tuple>

using namespace rondo;

namespace {

Promise<std::string> after(int ms, std::string v) {
    return Promise<std::string>([&](auto r) {
        setTimeout(
            [r, v] {
                console.log("done", v);
                r(v);
            },
            ms);
    });
}
Promise<std::string> fail(int ms, const char* v) {
    return Promise<std::string>([&](auto, auto r) {
        setTimeout(
            [r, v] {
                console.log("fail", v);
                r(v);
            },
            ms);
    });
}

void script() {
    // C++ may evaluate arguments in any order, so the calls stand in front.
    const auto a = after(120, "a");
    const auto b = after(1, "b");
    const auto c = after(60, "c");
    Promise<>::all(a, b, c).then([](const auto& v) { console.log("all", join(v)); });
    const auto x = after(150, "x");
    const auto y = fail(30, "y");
    const auto z = fail(90, "z");
    Promise<>::all(x, y, z).catch_([](const std::exception_ptr& e) { console.log("rejected", e); });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
