// SPDX-License-Identifier: MIT

// A loop over a range throws at an element that is rejected.

#include <rondo/rondo.hpp>

#include <string>
#include <vector>

using namespace rondo;

namespace {

using Promises = std::vector<Promise<std::string>>;

Promise<> script() {
    globalThis.addEventListener("unhandledrejection", [](PromiseRejectionEvent& e) {
        console.log("unhandled", e.reason());
        e.preventDefault();
    });
    const Promises values{Promise<std::string>::resolve("1"), Promise<std::string>::reject(std::string("e1")),
                          Promise<std::string>::resolve("3")};
    try {
        co_await forAwait(values, [](const std::string& x) { console.log(x); });
    } catch (const std::string& e) {
        console.log("caught", e);
    }
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
