// 07. Who waits for whom
// SPDX-License-Identifier: MIT
//
// While an async function waits, the stack that called it is gone. What takes its place is who awaits whom, and an
// error knows it: its stack goes from the function that threw up to the first that awaited. The names are printed
// here, without the files and the lines that stand behind them. In JavaScript:
//
//     import { setTimeout as delay } from 'node:timers/promises';
//
//     async function read(name) {
//         await delay(10); // those who called this have long returned
//         throw new Error(`there is no ${name}`);
//     }
//
//     async function parse(name) {
//         await read(name);
//     }
//
//     async function load(name) {
//         await parse(name);
//     }
//
//     function forward(name) {
//         return parse(name); // returns at once, and waits for nobody
//     }
//
//     function functions(stack) {
//         const lines = stack.matchAll(/ at (?:async )?(\w+) \(/g);
//         return Array.from(lines, line => line[1]).join(' < ');
//     }
//
//     async function tryIt(f) {
//         try {
//             await f('config');
//         } catch (error) {
//             console.log(error.message, '|', functions(error.stack));
//         }
//     }
//
//     async function start() {
//         await tryIt(load);
//         await tryIt(forward);
//     }
//
//     start();

#include <rondo/rondo.hpp>

#include <regex>
#include <string>
#include <utility>

using namespace rondo;
using namespace std::chrono_literals;

Promise<> read(std::string name) {
    co_await delay(10ms); // those who called this have long returned
    throw Error("there is no " + name);
}

Promise<> parse(std::string name) { co_await read(name); }

Promise<> load(std::string name) { co_await parse(name); }

Promise<> forward(std::string name) {
    return parse(std::move(name)); // returns at once, and waits for nobody
}

std::string functions(const std::string& stack) {
    static const std::regex line(" at (?:async )?(\\w+) \\(");
    std::string names;
    for (std::sregex_iterator match(stack.begin(), stack.end(), line), end; match != end; ++match) {
        if (!names.empty()) names += " < ";
        names += (*match)[1];
    }
    return names;
}

Promise<> tryIt(Promise<> (*f)(std::string)) {
    try {
        co_await f("config");
    } catch (const Error& error) {
        console.log(error.message(), "|", functions(error.stack()));
    }
}

Promise<> start() {
    co_await tryIt(load);
    co_await tryIt(forward);
}

int main() { return run(start); }
