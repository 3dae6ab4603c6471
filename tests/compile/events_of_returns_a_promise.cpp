// error: what takes its time is awaited in the loop over the events
// SPDX-License-Identifier: MIT

#include <rondo/rondo.hpp>

void f(rondo::EventTarget& target) {
    rondo::eventsOf(target, "click", []() -> rondo::Promise<int> { co_return 1; });
}
