// SPDX-License-Identifier: MIT

// A promise that is resolved with itself is rejected with a TypeError.

#include <rondo/rondo.hpp>

#include <optional>

using namespace rondo;

namespace {

void script() {
    const auto [p, r, reject] = Promise<int>::withResolvers();
    r(p);
    p.then([] { console.log("never"); }, [](const TypeError& e) { console.log(e.name()); });
    static std::optional<Promise<int>> q;
    q = Promise<>::resolve().then([] { return *q; });
    q->catch_([](const Error& e) {
        console.log("then returning itself:", e.name());
        return 0;
    });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
