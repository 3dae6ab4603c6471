// SPDX-License-Identifier: MIT

// A rejection that nobody handles is printed behind the checkpoint; the program goes on, and its exit code is 1.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    console.log("before");
    setTimeout([] { console.log("a later task"); }, 0);
    Promise<>::reject(Error("nobody catches me"));
    console.log("after");
    Promise<>::resolve().then([] { console.log("micro still runs"); });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
