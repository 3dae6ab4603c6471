// SPDX-License-Identifier: MIT

// Attempts that fail are repeated, each after twice the time.

#include <rondo/rondo.hpp>

#include <string>

using namespace rondo;

namespace {

int n = 0;

Promise<std::string> flaky() {
    console.log("attempt", ++n);
    if (n < 3) throw Error("fail " + std::to_string(n));
    co_return "ok";
}

void script() {
    async([]() -> Promise<> {
        for (int d = 1;; d *= 2) {
            std::string failed;
            try {
                const std::string ok = co_await flaky();
                console.log(ok);
                break;
            } catch (const Error& e) {
                failed = e.message();
            }
            console.log(failed, "wait", d);
            co_await delay(d);
        }
    });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
