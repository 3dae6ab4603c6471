// SPDX-License-Identifier: MIT

// A loop that is left calls return_ and awaits it; the generator cleans up first. What awaits there is no destructor.

#include <rondo/rondo.hpp>

#include <exception>

using namespace rondo;

namespace {

AsyncGenerator<int> g() {
    std::exception_ptr thrown;
    try {
        co_yield 1;
        co_yield 2;
    } catch (...) {
        thrown = std::current_exception();
    }
    console.log("cleanup");
    co_await Promise<>::resolve();
    console.log("cleanup done");
    if (thrown) std::rethrow_exception(thrown);
}

Promise<> script() {
    co_await forAwait(g(), [](int x) {
        console.log("body", x);
        return false;
    });
    console.log("after loop");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
