// SPDX-License-Identifier: MIT

// Who awaits the slow promise first leaves the rejection of the fast one unhandled.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    globalThis.addEventListener("unhandledrejection", [](PromiseRejectionEvent& e) {
        console.log("unhandled", e.reason());
        e.preventDefault();
    });
    globalThis.addEventListener("rejectionhandled", [] { console.log("rejectionHandled"); });
    const Promise<> slow([](auto resolve) { setTimeout(resolve, 20); });
    const Promise<> bad([](auto, auto reject) { setTimeout(reject, 1, "bad"); });
    async(
        [](Promise<> first, Promise<> second) -> Promise<> {
            try {
                co_await first;
                console.log("slow ok");
                co_await second;
            } catch (const char* e) {
                console.log("caught", e);
            }
        },
        slow, bad);
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
