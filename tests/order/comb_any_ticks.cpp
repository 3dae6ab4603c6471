// SPDX-License-Identifier: MIT

// any is fulfilled with the first value; if there is none, rejected with all reasons, in the order of the inputs.

#include "join.hpp"
#include "ruler.hpp"

#include <rondo/rondo.hpp>

using namespace rondo;

namespace {

void script() {
    ruler(3);
    Promise<>::any(Promise<const char*>::reject("a"), Promise<const char*>::resolve("b")).then([](const char* v) {
        console.log("  any", v);
    });
    Promise<>::any(Promise<>::reject("a"), Promise<>::reject("b")).catch_([](const AggregateError& e) {
        console.log("  ", e.name(), join(e.errors()), "|", e.message());
    });
    Promise<>::any().catch_([](const AggregateError& e) { console.log("  empty", e.name(), e.errors().size()); });
}

}

int main() {
    EventLoop loop({.virtualTime = true});
    return loop.run(script);
}
