// SPDX-License-Identifier: MIT

// An await takes one tick of a value or a settled promise, two of a thenable that calls back at once, three of a
// promise that was resolved with a promise.

#include "ruler.hpp"

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

struct SyncThenable {
    using value_type = void;
    void then(auto resolve, auto) { resolve(); }
};

void script() {
    ruler(4);
    async([]() -> Promise<> {
        co_await Promise<>::resolve(0);
        console.log("  await value");
    });
    async([]() -> Promise<> {
        co_await Promise<>::resolve();
        console.log("  await fulfilled promise");
    });
    async([]() -> Promise<> {
        co_await SyncThenable();
        console.log("  await thenable");
    });
    async([]() -> Promise<> {
        co_await Promise<>([](auto r) { r(Promise<>::resolve()); });
        console.log("  await new Promise(r => r(promise))");
    });
    async([]() -> Promise<> {
        try {
            co_await Promise<>::reject(0);
        } catch (int) {
            console.log("  await rejected promise");
        }
    });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
