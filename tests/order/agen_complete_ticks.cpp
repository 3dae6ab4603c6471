// SPDX-License-Identifier: MIT

// How long the last step takes: a result is awaited, an error and the end are not.

#include "ruler.hpp"

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

using Numbers = AsyncGenerator<int, int>;

AsyncGenerator<int> fallsOff() { co_return; }
Numbers returnsValue() { co_return 1; }
Numbers returnsPromise() { co_return Promise<>::resolve(1); }
Numbers throws() {
    throw 1;
    co_return 0;
}
AsyncGenerator<int> yieldsPromise() { co_yield Promise<>::resolve(5); }

void script() {
    ruler(4);
    fallsOff().next().then([] { console.log("  fall off"); });
    returnsValue().next().then([] { console.log("  return v"); });
    returnsPromise().next().then([](const Numbers::Step& r) { console.log("  return promise", *r.returned()); });
    throws().next().catch_([] { console.log("  throw"); });
    yieldsPromise().next().then([](const IteratorResult<int>& r) { console.log("  yield promise", *r); });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
