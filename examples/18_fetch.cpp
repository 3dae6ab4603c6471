// 18. fetch
// SPDX-License-Identifier: MIT
//
// A fetch goes to a Web API, the network: another thread sends the request and takes the answer, while the stack goes
// on. Which comes first, the answer, or a timer that was due before it? In JavaScript, with a server that answers 'Hi':
//
//     import { Worker } from 'node:worker_threads';
//     const server = new Worker(`
//         const server = require('http').createServer((request, response) => response.end('Hi'));
//         server.listen(0, '127.0.0.1', () => require('worker_threads').parentPort.postMessage(server.address().port));
//     `, { eval: true });
//     const url = await new Promise((resolve) => server.once('message', (port) => resolve(`http://127.0.0.1:${port}/`)));
//
//     function display(data) {
//         console.log('The answer is', data);
//     }
//
//     function printHello() {
//         console.log('Hello');
//     }
//
//     function blockFor300ms() {
//         const end = performance.now() + 300;
//         while (performance.now() < end);
//     }
//
//     setTimeout(printHello, 0);
//     const futureData = fetch(url);
//     const displayed = futureData.then((response) => response.text()).then(display);
//     queueMicrotask(() => console.log('A microtask'));
//     blockFor300ms();
//     console.log('Me first!');
//
//     await displayed;
//     await server.terminate();
//
// When the stack is free again, the answer has been there for a while. It is often said that it goes first, for its
// handlers are microtasks. So they are, but of a promise that is settled in a task: that is queued when the answer comes,
// behind the timer, which was due at once.

#include "server.hpp"

#include <rondo/fetch.hpp>
#include <rondo/rondo.hpp>

#include <string>

using namespace rondo;

void display(const std::string& data) { console.log("The answer is", data); }

void printHello() { console.log("Hello"); }

void blockFor300ms() {
    const double end = performance.now() + 300;
    while (performance.now() < end) {}
}

int main() {
    const Server server("Hi");
    return run([&] {
        setTimeout(printHello, 0);
        const auto futureData = fetch(server.url());
        futureData.then([](const Response& response) { return response.text(); }).then(display);
        queueMicrotask([] { console.log("A microtask"); });
        blockFor300ms();
        console.log("Me first!");
    });
}
