// SPDX-License-Identifier: MIT

// Bodies begin in the order of the calls and end by their ticks; the values have the order of the inputs.

#include "join.hpp"

#include <rondo/rondo.hpp>

#include <string>

using namespace rondo;

namespace {

Promise<std::string> t(std::string n, int k) {
    console.log("start", n);
    for (int i = 0; i < k; ++i) co_await Promise<>::resolve(0);
    console.log("end", n);
    co_return n;
}

void script() {
    // C++ may evaluate arguments in any order, so the calls stand in front.
    const auto a = t("a", 3);
    const auto b = t("b", 1);
    const auto c = t("c", 2);
    Promise<>::all(a, b, c).then([](const auto& v) { console.log(join(v)); });
    console.log("sync");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
