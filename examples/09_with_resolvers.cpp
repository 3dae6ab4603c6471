// 09. A queue, made of promises
// SPDX-License-Identifier: MIT
//
// `withResolvers` gives a promise, and the functions that settle it later. With these one makes what async functions
// meet at: here a queue, whose takers wait until there is something to take. In JavaScript:
//
//     import { setTimeout as delay } from 'node:timers/promises';
//
//     Promise.withResolvers ??= function () { // Node has it from 22 on
//         let resolve, reject;
//         const promise = new Promise((a, b) => { resolve = a; reject = b; });
//         return { promise, resolve, reject };
//     };
//
//     class Queue {
//         #values = [];
//         #takers = [];
//
//         push(value) {
//             if (this.#takers.length === 0) return this.#values.push(value);
//             this.#takers.shift().resolve(value);
//         }
//
//         take() {
//             if (this.#values.length > 0) return Promise.resolve(this.#values.shift());
//             this.#takers.push(Promise.withResolvers());
//             return this.#takers.at(-1).promise;
//         }
//     }
//
//     async function waiter(name, orders) {
//         for (;;) {
//             const order = await orders.take();
//             if (order === 'that is all') break;
//             console.log(name, 'serves', order);
//             await delay(order === 'soup' ? 80 : 1);
//         }
//         console.log(name, 'goes home');
//     }
//
//     const orders = new Queue();
//     const ada = waiter('Ada', orders);
//     const grace = waiter('Grace', orders);
//     for (const order of ['soup', 'bread', 'fish', 'cake']) orders.push(order);
//     console.log('The kitchen has never waited.');
//     await delay(200);
//     orders.push('coffee');
//     orders.push('that is all');
//     orders.push('that is all');
//     await Promise.all([ada, grace]);

#include <rondo/rondo.hpp>

#include <deque>
#include <string>
#include <utility>

using namespace rondo;
using namespace std::chrono_literals;

template <class T>
class Queue {
public:
    void push(T value) {
        if (takers_.empty()) return values_.push_back(std::move(value));
        takers_.front().resolve(std::move(value));
        takers_.pop_front();
    }

    Promise<T> take() {
        if (!values_.empty()) {
            T value = std::move(values_.front());
            values_.pop_front();
            return Promise<T>::resolve(std::move(value));
        }
        takers_.push_back(Promise<T>::withResolvers());
        return takers_.back().promise;
    }

private:
    std::deque<T> values_;
    std::deque<PromiseWithResolvers<T>> takers_;
};

Promise<> waiter(std::string name, Queue<std::string>& orders) {
    for (;;) {
        const std::string order = co_await orders.take();
        if (order == "that is all") break;
        console.log(name, "serves", order);
        co_await delay(order == "soup" ? 80ms : 1ms);
    }
    console.log(name, "goes home");
}

Promise<> main_() {
    Queue<std::string> orders; // outlives the waiters: they are awaited below
    const auto ada = waiter("Ada", orders);
    const auto grace = waiter("Grace", orders);
    for (const char* order : {"soup", "bread", "fish", "cake"}) orders.push(order);
    console.log("The kitchen has never waited.");
    co_await delay(200ms);
    orders.push("coffee");
    orders.push("that is all");
    orders.push("that is all");
    co_await Promise<>::all(ada, grace);
}

int main() { return run(main_); }
