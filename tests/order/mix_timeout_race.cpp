// SPDX-License-Identifier: MIT

// A race against a timeout.

#include <rondo/rondo.hpp>

#include <string>

using namespace rondo;

namespace {

Promise<std::string> sleep(int ms, std::string v) {
    return Promise<std::string>([&](auto resolve) { setTimeout(resolve, ms, v); });
}
Promise<std::string> timeout(int ms) {
    return Promise<std::string>([&](auto, auto reject) { setTimeout(reject, ms, Error("timeout")); });
}

void script() {
    async([]() -> Promise<> {
        const auto first = Promise<>::race(sleep(1, "fast"), timeout(30));
        console.log(co_await first);
        try {
            const auto second = Promise<>::race(sleep(60, ""), timeout(5));
            co_await second;
        } catch (const Error& e) {
            console.log(e.message());
        }
    });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
