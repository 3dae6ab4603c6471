// 08. Several at once
// SPDX-License-Identifier: MIT
//
// Four ways of waiting for several promises. In JavaScript:
//
//     import { setTimeout as delay } from 'node:timers/promises';
//
//     async function after(time, value) {
//         await delay(time);
//         return value;
//     }
//
//     async function failAfter(time, message) {
//         await delay(time);
//         throw new Error(message);
//     }
//
//     // All of them, in the order in which they were asked for.
//     const [number, word] = await Promise.all([after(20, 42), after(10, 'ready')]);
//     console.log('all:', number, word);
//
//     // How each of them ended.
//     const [red, green] = await Promise.allSettled([after(10, 'red'), failAfter(20, 'none')]);
//     console.log('allSettled:', red.status, green.status);
//
//     // The first that ends, well or not.
//     const winner = await Promise.race([after(20, 'the tortoise'), after(10, 'the hare')]);
//     console.log('race:', winner);
//
//     // The first that ends well.
//     const mirror = await Promise.any([failAfter(10, 'not here'), after(20, 'here')]);
//     console.log('any:', mirror);
//
//     // What goes wrong can be caught.
//     try {
//         await Promise.all([after(20, 'too late'), failAfter(10, 'one is enough')]);
//     } catch (error) {
//         console.log('all:', error.message);
//     }
//     try {
//         await Promise.any([failAfter(20, 'left'), failAfter(10, 'right')]);
//     } catch (error) {
//         console.log('any:', error.message, `(${error.errors.length})`);
//     }

#include <rondo/rondo.hpp>

#include <string>

using namespace rondo;
using namespace std::literals;

template <class T>
Promise<T> after(std::chrono::milliseconds time, T value) {
    co_await delay(time);
    co_return value;
}

Promise<std::string> failAfter(std::chrono::milliseconds time, std::string message) {
    co_await delay(time);
    throw Error(message);
}

Promise<> main_() {
    // All of them, in the order in which they were asked for.
    const auto [number, word] = co_await Promise<>::all(after(20ms, 42), after(10ms, "ready"s));
    console.log("all:", number, word);

    // How each of them ended.
    const auto [red, green] = co_await Promise<>::allSettled(after(10ms, "red"s), failAfter(20ms, "none"));
    console.log("allSettled:", red.status(), green.status());

    // The first that ends, well or not.
    const auto winner = co_await Promise<>::race(after(20ms, "the tortoise"s), after(10ms, "the hare"s));
    console.log("race:", winner);

    // The first that ends well.
    const auto mirror = co_await Promise<>::any(failAfter(10ms, "not here"), after(20ms, "here"s));
    console.log("any:", mirror);

    // What goes wrong can be caught.
    try {
        co_await Promise<>::all(after(20ms, "too late"s), failAfter(10ms, "one is enough"));
    } catch (const Error& error) {
        console.log("all:", error.message());
    }
    try {
        co_await Promise<>::any(failAfter(20ms, "left"), failAfter(10ms, "right"));
    } catch (const AggregateError& error) {
        console.log("any:", error.message(), "(" + std::to_string(error.errors().size()) + ")");
    }
}

int main() { return run(main_); }
