// SPDX-License-Identifier: MIT

// What an async function returns costs one tick; a promise costs three, an awaited promise two.

#include "ruler.hpp"

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    ruler(5);
    async([]() -> Promise<const char*> { co_return "v"; }).then([] { console.log("  return value"); });
    async([]() -> Promise<int> { co_return Promise<>::resolve(0); }).then([] { console.log("  return promise"); });
    async([]() -> Promise<int> { co_return co_await Promise<>::resolve(0); }).then([] {
        console.log("  return await promise");
    });
    async([]() -> Promise<> {
        throw 1;
        co_return;
    }).catch_([] { console.log("  throw"); });
    async([]() -> Promise<> { co_return; }).then([] { console.log("  no return"); });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
