// SPDX-License-Identifier: MIT

// An async function that awaits another adds a tick; one that returns its promise, two.

#include "ruler.hpp"

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

Promise<int> leaf() { co_return 1; }
Promise<int> viaAwait() {
    const int v = co_await leaf();
    co_return v;
}
Promise<int> viaReturn() { co_return leaf(); }
Promise<int> viaTwo() { co_return viaReturn(); }

Promise<> wait(Promise<int> (*f)(), const char* name) {
    co_await f();
    console.log(name);
}

void script() {
    ruler(8);
    wait(leaf, "  leaf");
    wait(viaAwait, "  await layer");
    wait(viaReturn, "  return layer");
    wait(viaTwo, "  two return layers");
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
