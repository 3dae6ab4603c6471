// SPDX-License-Identifier: MIT

// Who waits with a signal that is aborted already is told why, in a microtask. The reason is what is thrown here;
// Node wraps it in an AbortError of its own.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    async([]() -> Promise<> {
        try {
            const AbortSignal signal = AbortSignal::abort("no");
            co_await delay(10, {.signal = signal});
        } catch (const char* e) {
            console.log("aborted:", e);
        }
    });
    console.log("sync");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
