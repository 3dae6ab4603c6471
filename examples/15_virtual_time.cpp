// 15. A day in no time
// SPDX-License-Identifier: MIT
//
// A loop may have a time of its own, which jumps to the next timer when there is nothing else to do. So a test of what
// takes hours takes no time, and every figure in it is exact. JavaScript leaves this to libraries, with fake timers.

#include <rondo/rondo.hpp>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <string>

using namespace rondo;
using namespace std::chrono_literals;

Promise<> aDay() {
    const auto bell = setInterval([] { console.log("It is", performance.now() / 3'600'000, "o'clock."); }, 6h);
    co_await delay(24h);
    clearInterval(bell);
}

// What is to be tested: asks up to four times, and waits longer each time.
template <class F>
Promise<std::string> retry(F ask) {
    for (auto wait = 1s;; wait *= 2) {
        const auto answer = co_await ask().settled();
        if (answer.fulfilled()) co_return answer.value();
        if (wait == 8s) std::rethrow_exception(answer.reason());
        co_await delay(wait);
    }
}

void check(bool ok, const char* claim) {
    console.log(ok ? "passed:" : "FAILED:", claim);
    if (!ok) std::exit(1);
}

// A test. It has a loop to itself, and gets the value, or the exception, of an async function.
template <class F>
auto inVirtualTime(F test) {
    EventLoop loop({.virtualTime = true});
    return loop.runUntilSettled(test);
}

int main() {
    const auto began = std::chrono::steady_clock::now();
    inVirtualTime(aDay);

    inVirtualTime([]() -> Promise<> {
        int asked = 0;
        const auto answer = co_await retry([&] {
            return ++asked < 3 ? Promise<std::string>::reject(Error("busy")) : Promise<std::string>::resolve("yes");
        });
        check(answer == "yes" && asked == 3, "retry asks until there is an answer");
        check(performance.now() == 1000 + 2000, "retry waits one second, then two");
    });

    try {
        inVirtualTime([] { return retry([] { return Promise<std::string>::reject(Error("busy")); }); });
        check(false, "retry gives up");
    } catch (const Error& error) {
        check(error.message() == "busy", "retry gives up, with the last error");
    }

    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    check(took < 10s, "a day, and then some, took less than ten seconds");
}
