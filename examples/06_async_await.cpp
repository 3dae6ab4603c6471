// 06. Async functions
// SPDX-License-Identifier: MIT
//
// An async function runs like any other until it has to wait. Then its caller goes on, and it is continued
// when what it waits for is there. What it throws can be caught where it is awaited. In JavaScript:
//
//     import { setTimeout as delay } from 'node:timers/promises';
//
//     async function cook(dish, time) {
//         console.log(dish, 'is on the stove');
//         await delay(time);
//         if (dish === 'toast') throw new Error('the toast is burnt');
//         return `hot ${dish}`;
//     }
//
//     async function breakfast() {
//         const eggs = cook('eggs', 20); // both are cooking from here on
//         const coffee = cook('coffee', 10);
//         console.log(await coffee);
//         console.log(await eggs);
//
//         try {
//             await cook('toast', 10);
//         } catch (error) {
//             console.log('Sorry:', error.message);
//         }
//         return 'Enjoy!';
//     }
//
//     console.log(await breakfast());

#include <rondo/rondo.hpp>

#include <string>

using namespace rondo;
using namespace std::chrono_literals;

Promise<std::string> cook(std::string dish, std::chrono::milliseconds time) {
    console.log(dish, "is on the stove");
    co_await delay(time);
    if (dish == "toast") throw Error("the toast is burnt");
    co_return "hot " + dish;
}

Promise<std::string> breakfast() {
    const auto eggs = cook("eggs", 20ms); // both are cooking from here on
    const auto coffee = cook("coffee", 10ms);
    console.log(co_await coffee);
    console.log(co_await eggs);

    try {
        co_await cook("toast", 10ms);
    } catch (const Error& error) {
        console.log("Sorry:", error.message());
    }
    co_return "Enjoy!";
}

Promise<> main_() { console.log(co_await breakfast()); }

int main() { return run(main_); }
