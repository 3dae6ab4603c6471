// 04. Starvation, and its cure
// SPDX-License-Identifier: MIT
//
// The queue of microtasks is emptied whole, with what it adds to itself: work that goes on in microtasks lets
// no callback through. Work that goes on in timers does. In JavaScript:
//
//     function starve(piece) {
//         console.log('piece', piece);
//         if (piece < 3) queueMicrotask(() => starve(piece + 1));
//     }
//
//     function share(piece) {
//         console.log('piece', piece);
//         if (piece < 3) setTimeout(share, 0, piece + 1);
//     }
//
//     console.log('in microtasks:');
//     setTimeout(() => {
//         console.log('a click, at last');
//
//         console.log('in timers:');
//         setTimeout(() => console.log('a click, at once'));
//         share(1);
//     });
//     starve(1);

#include <rondo/rondo.hpp>

using namespace rondo;

void starve(int piece) {
    console.log("piece", piece);
    if (piece < 3) queueMicrotask([=] { starve(piece + 1); });
}

void share(int piece) {
    console.log("piece", piece);
    if (piece < 3) setTimeout(share, 0, piece + 1);
}

int main() {
    return run([] {
        console.log("in microtasks:");
        setTimeout([] {
            console.log("a click, at last");

            console.log("in timers:");
            setTimeout([] { console.log("a click, at once"); });
            share(1);
        });
        starve(1);
    });
}
