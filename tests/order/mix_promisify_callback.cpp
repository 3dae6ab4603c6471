// SPDX-License-Identifier: MIT

// A function with a callback becomes one with a promise.

#include <rondo/rondo.hpp>

#include <optional>

using namespace rondo;

namespace {

template <class Callback>
void legacy(int x, Callback callback) {
    setTimeout(
        [x, callback] {
            if (x < 0) return callback(Error("neg"), 0);
            callback({}, x * 2);
        },
        1);
}

Promise<int> p(int x) {
    return Promise<int>([x](auto res, auto rej) {
        legacy(x, [res, rej](const std::optional<Error>& e, int v) { e ? rej(*e) : res(v); });
    });
}

void script() {
    async([]() -> Promise<> {
        const int doubled = co_await p(21);
        console.log(doubled);
        try {
            co_await p(-1);
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
