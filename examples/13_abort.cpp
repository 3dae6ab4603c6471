// 13. Abort
// SPDX-License-Identifier: MIT
//
// An AbortController has a signal, which is given to whatever may have to end early. When the controller aborts, all
// of that is rejected with the reason. In JavaScript, where a thread is ended from outside; C++ asks it to end:
//
//     import { Worker } from 'node:worker_threads';
//
//     function delay(time, { signal }) {
//         return new Promise((resolve, reject) => {
//             if (signal.aborted) return reject(signal.reason);
//             const timer = setTimeout(resolve, time);
//             signal.addEventListener('abort', () => (clearTimeout(timer), reject(signal.reason)));
//         });
//     }
//
//     function offload({ signal }, f) {
//         return new Promise((resolve, reject) => {
//             const worker = new Worker(`require('worker_threads').parentPort.postMessage((${f})())`, { eval: true });
//             worker.on('message', resolve);
//             signal.addEventListener('abort', () => (worker.terminate(), reject(signal.reason)));
//         });
//     }
//
//     function countForever() {
//         for (let count = 0;; ++count);
//     }
//
//     // The next event of a type, or the signal's reason: a promise of one's own that can be aborted.
//     function next(target, type, { signal }) {
//         return new Promise((resolve, reject) => {
//             if (signal.aborted) return reject(signal.reason);
//             target.addEventListener(type, () => resolve(), { once: true, signal });
//             signal.addEventListener('abort', () => reject(signal.reason), { once: true });
//         });
//     }
//
//     async function tell(what, promise) {
//         try {
//             await promise;
//             console.log(what, 'is done');
//         } catch (error) {
//             console.log(what, 'ends with', error.name + ':', error.message);
//         }
//     }
//
//     const user = new AbortController();
//     const door = new EventTarget();
//     tell('a short delay', delay(5, user));
//     tell('a long delay', delay(60_000, user));
//     tell('work elsewhere', offload(user, countForever));
//     tell('a knock', next(door, 'knock', user));
//     const last = tell('a ring', next(door, 'ring', user));
//     setTimeout(() => door.dispatchEvent(new Event('knock')), 10);
//     setTimeout(() => user.abort(), 20);
//     await last;
//
//     // Of two signals, whichever is first.
//     const other = new AbortController();
//     const either = AbortSignal.any([other.signal, AbortSignal.timeout(10)]);
//     await tell('with a timeout, a delay', delay(60_000, { signal: either }));
//
//     // Work that is done in steps asks in between.
//     try {
//         for (let step = 1;; ++step) {
//             other.signal.throwIfAborted();
//             console.log('step', step);
//             if (step === 2) other.abort(new Error('two are enough'));
//         }
//     } catch (error) {
//         console.log(error.message);
//     }

#include <rondo/rondo.hpp>

#include <stop_token>
#include <string>

using namespace rondo;
using namespace std::chrono_literals;

void countForever(std::stop_token stop) {
    for (volatile long count = 0; !stop.stop_requested();) count = count + 1;
}

// The next event of a type, or the signal's reason: a promise of one's own that can be aborted.
Promise<> next(EventTarget& target, std::string type, AbortSignal signal) {
    return Promise<>([&](auto resolve, auto reject) {
        if (signal.aborted()) return reject(signal.reason());
        target.addEventListener(type, [=] { resolve(); }, {.once = true, .signal = signal});
        signal.addEventListener("abort", [=] { reject(signal.reason()); }, {.once = true});
    });
}

Promise<> tell(std::string what, Promise<> promise) {
    try {
        co_await promise;
        console.log(what, "is done");
    } catch (const Error& error) {
        console.log(what, "ends with", std::string(error.name()) + ":", error.message());
    }
}

Promise<> main_() {
    AbortController user;
    const AbortSignal& signal = user.signal();
    EventTarget door;
    tell("a short delay", delay(5ms, {.signal = signal}));
    tell("a long delay", delay(1min, {.signal = signal}));
    tell("work elsewhere", offload({.signal = signal}, countForever));
    tell("a knock", next(door, "knock", signal));
    const auto last = tell("a ring", next(door, "ring", signal));
    setTimeout([&] { door.dispatchEvent(Event("knock")); }, 10ms);
    setTimeout([&] { user.abort(); }, 20ms);
    co_await last;

    // Of two signals, whichever is first.
    AbortController other;
    const AbortSignal either = AbortSignal::any(other.signal(), AbortSignal::timeout(10ms));
    co_await tell("with a timeout, a delay", delay(1min, {.signal = either}));

    // Work that is done in steps asks in between.
    try {
        for (int step = 1;; ++step) {
            other.signal().throwIfAborted();
            console.log("step", step);
            if (step == 2) other.abort(Error("two are enough"));
        }
    } catch (const Error& error) {
        console.log(error.message());
    }
}

int main() { return run(main_); }
