// 17. Values that take their time
// SPDX-License-Identifier: MIT
//
// An async generator yields values one after the other, and computes none before it is asked. Generators take from
// generators; and when nobody wants more, they are closed, from the last to the first. In JavaScript:
//
//     import { setTimeout as delay } from 'node:timers/promises';
//
//     async function* pages() { // of something far away
//         try {
//             for (let page = 1; ; page++) {
//                 console.log('loading page', page);
//                 await delay(10);
//                 yield [page * 10 + 1, page * 10 + 2, page * 10 + 3];
//             }
//         } finally {
//             console.log('connection closed');
//         }
//     }
//
//     async function* numbers() {
//         for await (const page of pages()) yield* page;
//     }
//
//     async function* odd(source) {
//         for await (const number of source) if (number % 2 === 1) yield number;
//     }
//
//     for await (const number of odd(numbers())) {
//         console.log(number);
//         if (number > 20) break; // closes all three
//     }
//
//     const answers = odd(numbers()); // asked three times at once, it answers in order
//     const asked = [answers.next(), answers.next(), answers.return()];
//     for (const { value, done } of await Promise.all(asked)) console.log(done ? 'done' : value);

#include <rondo/rondo.hpp>

#include <array>
#include <utility>
#include <vector>

using namespace rondo;
using namespace std::chrono_literals;

struct Connection { // its destructor is `finally`
    ~Connection() { console.log("connection closed"); }
};

AsyncGenerator<std::array<int, 3>> pages() {
    const Connection connection;
    for (int page = 1;; ++page) {
        console.log("loading page", page);
        co_await delay(10ms);
        const std::array numbers{page * 10 + 1, page * 10 + 2, page * 10 + 3};
        co_yield numbers;
    }
}

AsyncGenerator<int> numbers() {
    auto source = pages();
    while (auto page = co_await source.next()) co_yield elementsOf(*page);
}

AsyncGenerator<int> odd(AsyncGenerator<int> source) {
    while (auto number = co_await source.next()) {
        if (*number % 2 == 1) co_yield *number;
    }
}

Promise<> main_() {
    co_await forAwait(odd(numbers()), [](int number) {
        console.log(number);
        return number <= 20; // false is `break`
    });

    auto answers = odd(numbers());
    const std::vector asked{answers.next(), answers.next(), answers.return_()};
    const auto results = co_await Promise<>::all(asked);
    for (const auto& result : results) result ? console.log(*result) : console.log("done");
}

int main() { return run(main_); }
