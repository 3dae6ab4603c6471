// 03. Microtasks first
// SPDX-License-Identifier: MIT
//
// What promises call waits in a queue of its own, which is emptied before the next callback. The puzzle of
// many job interviews, in JavaScript:
//
//     async function async2() {
//         console.log('async2');
//     }
//
//     async function async1() {
//         console.log('async1 start');
//         await async2();
//         console.log('async1 end');
//     }
//
//     console.log('script start');
//     setTimeout(() => console.log('setTimeout'));
//     async1();
//     new Promise(resolve => {
//         console.log('promise1');
//         resolve();
//     }).then(() => console.log('promise2'));
//     queueMicrotask(() => console.log('microtask'));
//     console.log('script end');

#include <rondo/rondo.hpp>

using namespace rondo;

Promise<> async2() {
    console.log("async2");
    co_return;
}

Promise<> async1() {
    console.log("async1 start");
    co_await async2();
    console.log("async1 end");
}

int main() {
    return run([] {
        console.log("script start");
        setTimeout([] { console.log("setTimeout"); });
        async1();
        Promise<>([](auto resolve) {
            console.log("promise1");
            resolve();
        }).then([] { console.log("promise2"); });
        queueMicrotask([] { console.log("microtask"); });
        console.log("script end");
    });
}
