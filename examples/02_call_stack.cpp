// 02. The call stack
// SPDX-License-Identifier: MIT
//
// Functions call functions, and nothing else happens until all of them have returned: a timer that falls due
// meanwhile is late. In JavaScript:
//
//     const multiply = (a, b) => a * b;
//     const square = n => multiply(n, n);
//     const printSquare = n => console.log(square(n));
//
//     function block(milliseconds) {
//         const end = performance.now() + milliseconds;
//         while (performance.now() < end);
//     }
//
//     setTimeout(() => console.log('after 20 ms'), 20);
//     setTimeout(() => console.log('after 10 ms'), 10);
//     printSquare(4);
//     block(30);
//     console.log('The stack is empty now: whoever is due may run.');

#include <rondo/rondo.hpp>

using namespace rondo;

int multiply(int a, int b) { return a * b; }
int square(int n) { return multiply(n, n); }
void printSquare(int n) { console.log(square(n)); }

void block(double milliseconds) {
    const double end = performance.now() + milliseconds;
    while (performance.now() < end) {}
}

int main() {
    return run([] {
        setTimeout([] { console.log("after 20 ms"); }, 20);
        setTimeout([] { console.log("after 10 ms"); }, 10);
        printSquare(4);
        block(30);
        console.log("The stack is empty now: whoever is due may run.");
    });
}
