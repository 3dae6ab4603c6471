// SPDX-License-Identifier: MIT

// A rejection without a reason counts as any other: the exit code is 1.

#include <rondo/rondo.hpp>

#include <exception>

using namespace rondo;

namespace {

void script() {
    Promise<>::reject(std::exception_ptr());
    console.log("sync");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
