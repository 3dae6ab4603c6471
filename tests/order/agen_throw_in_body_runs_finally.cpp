// SPDX-License-Identifier: MIT

// What a loop's body throws goes before what the generator throws while it is closed.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

struct AtEnd {
    ~AtEnd() noexcept(false) {
        console.log("cleanup");
        throw Error("from cleanup");
    }
};

AsyncGenerator<int> g() {
    try {
        co_yield 1;
    } catch (const ReturnCompletion&) {
        // A destructor must not throw while another exception is on its way: the return completion ends here.
    }
    const AtEnd cleanup;
}

Promise<> script() {
    try {
        co_await forAwait(g(), [](int) { throw Error("from body"); });
    } catch (const Error& e) {
        console.log("caught", e.message());
    }
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
