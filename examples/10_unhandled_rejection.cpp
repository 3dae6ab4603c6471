// 10. Errors nobody caught
// SPDX-License-Identifier: MIT
//
// A promise that is rejected with nobody listening is told of when the microtasks are done; one that is listened to
// after that is told of again. So one learns of every lost error. Without `preventDefault()` it would also be printed
// on stderr, and the exit code would be 1. In JavaScript; Node has other names for the two events:
//
//     process.on('unhandledRejection', (reason, promise) => {
//         console.log('Unhandled:', reason.message);
//         lost.push(promise);
//     });
//     process.on('rejectionHandled', promise => {
//         console.log('Handled after all:', lost.indexOf(promise));
//     });
//     const lost = [];
//
//     async function fail(message) {
//         throw new RangeError(message);
//     }
//
//     fail('caught at once').catch(error => console.log('Caught:', error.message));
//
//     const late = fail('caught in the same callback');
//     queueMicrotask(() => late.catch(error => console.log('Caught:', error.message)));
//
//     fail('never caught');
//
//     const later = fail('caught too late');
//     setTimeout(() => {
//         console.log('A callback.');
//         later.catch(error => console.log('Caught:', error.message));
//     }, 10);

#include <rondo/rondo.hpp>

#include <algorithm>
#include <exception>
#include <string>
#include <vector>

using namespace rondo;

Promise<> fail(std::string message) {
    throw RangeError(message);
    co_return;
}

int main() {
    std::vector<AnyPromise> lost;
    return run([&] {
        globalThis.addEventListener("unhandledrejection", [&](PromiseRejectionEvent& event) {
            event.preventDefault();
            try {
                std::rethrow_exception(event.reason());
            } catch (const Error& error) {
                console.log("Unhandled:", error.message());
            }
            lost.push_back(event.promise());
        });
        globalThis.addEventListener("rejectionhandled", [&](PromiseRejectionEvent& event) {
            const auto found = std::find(lost.begin(), lost.end(), event.promise());
            console.log("Handled after all:", found - lost.begin());
        });

        fail("caught at once").catch_([](const Error& error) { console.log("Caught:", error.message()); });

        const auto late = fail("caught in the same callback");
        queueMicrotask([=] { late.catch_([](const Error& error) { console.log("Caught:", error.message()); }); });

        fail("never caught");

        const auto later = fail("caught too late");
        setTimeout(
            [=] {
                console.log("A callback.");
                later.catch_([](const Error& error) { console.log("Caught:", error.message()); });
            },
            10);
    });
}
