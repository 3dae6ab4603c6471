// SPDX-License-Identifier: MIT

// What is resolved with a pending promise is locked in: what comes later is ignored.

#include <rondo/rondo.hpp>

#include <string>

using namespace rondo;

namespace {

void script() {
    const auto [inner, r2, reject] = Promise<std::string>::withResolvers();
    const Promise<std::string> outer([p = inner](auto res, auto rej) {
        res(p);
        res("ignored");
        rej(Error("ignored"));
    });
    outer.then([](const std::string& v) { console.log("outer", v); });
    setTimeout(
        [resolve = r2] {
            console.log("resolving inner");
            resolve("inner value");
        },
        1);
    console.log("end of script");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
