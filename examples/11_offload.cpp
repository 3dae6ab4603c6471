// 11. Work elsewhere
// SPDX-License-Identifier: MIT
//
// What takes long is handed to another thread, and comes home as a promise; the loop goes on turning. In
// JavaScript, which has no `offload`:
//
//     import { Worker } from 'node:worker_threads';
//
//     function offload(f, ...args) {
//         const code = `const { parentPort, workerData } = require('worker_threads');
//                       parentPort.postMessage((${f})(...workerData));`;
//         return new Promise((resolve, reject) => {
//             const worker = new Worker(code, { eval: true, workerData: args });
//             worker.on('message', resolve);
//             worker.on('error', reject);
//         });
//     }
//
//     function countPrimes(below) {
//         if (below < 0) throw new RangeError('there are no negative primes');
//         let count = 0;
//         for (let n = 2; n < below; ++n) {
//             let divisor = 2;
//             while (divisor * divisor <= n && n % divisor !== 0) ++divisor;
//             if (divisor * divisor > n) ++count;
//         }
//         return count;
//     }
//
//     const primes = offload(countPrimes, 100_000);
//     setTimeout(() => console.log('The loop turns meanwhile.'));
//     console.log('Somebody else is counting.');
//     console.log('Below a hundred thousand:', await primes);
//
//     // Several at once, each on a thread of its own.
//     const [ten, hundred] = await Promise.all([offload(countPrimes, 10), offload(countPrimes, 100)]);
//     console.log('Below ten:', ten);
//     console.log('Below a hundred:', hundred);
//
//     // What they throw comes home as well.
//     try {
//         await offload(countPrimes, -1);
//     } catch (error) {
//         console.log('Below minus one:', error.message);
//     }

#include <rondo/rondo.hpp>

using namespace rondo;

int countPrimes(int below) {
    if (below < 0) throw RangeError("there are no negative primes");
    int count = 0;
    for (int n = 2; n < below; ++n) {
        int divisor = 2;
        while (divisor * divisor <= n && n % divisor != 0) ++divisor;
        if (divisor * divisor > n) ++count;
    }
    return count;
}

Promise<> main_() {
    const auto primes = offload(countPrimes, 100'000);
    setTimeout([] { console.log("The loop turns meanwhile."); });
    console.log("Somebody else is counting.");
    console.log("Below a hundred thousand:", co_await primes);

    // Several at once, each on a thread of its own.
    const auto [ten, hundred] = co_await Promise<>::all(offload(countPrimes, 10), offload(countPrimes, 100));
    console.log("Below ten:", ten);
    console.log("Below a hundred:", hundred);

    // What they throw comes home as well.
    try {
        co_await offload(countPrimes, -1);
    } catch (const RangeError& error) {
        console.log("Below minus one:", error.message());
    }
}

int main() { return run(main_); }
