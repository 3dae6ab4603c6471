// 01. One, three, two
// SPDX-License-Identifier: MIT
//
// A callback waits in a queue until the stack is empty, however short its delay. In JavaScript:
//
//     console.log(1);
//     setTimeout(() => console.log(2));
//     console.log(3);

#include <rondo/rondo.hpp>

using namespace rondo;

int main() {
    return run([] {
        console.log(1);
        setTimeout([] { console.log(2); });
        console.log(3);
    });
}
