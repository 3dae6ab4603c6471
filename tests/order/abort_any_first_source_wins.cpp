// SPDX-License-Identifier: MIT

// The first source to abort gives the reason; those that depend on it are told in the order in which they were made.

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    AbortController a;
    AbortController b;
    const AbortSignal d1 = AbortSignal::any(a.signal(), b.signal());
    const AbortSignal d2 = AbortSignal::any(d1);
    d2.addEventListener("abort", [&] { console.log("d2", d2.reason()); });
    d1.addEventListener("abort", [&] { console.log("d1", d1.reason()); });
    b.signal().addEventListener("abort", [] { console.log("b (source first)"); });
    a.signal().addEventListener("abort", [] { console.log("a"); });
    b.abort("B");
    a.abort("A");
    console.log("d1.reason", d1.reason(), "a.reason", a.signal().reason());
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
