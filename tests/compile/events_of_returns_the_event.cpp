// error: returns what is wanted of an event, which ends with its dispatch
// SPDX-License-Identifier: MIT

#include <rondo/rondo.hpp>

void f(rondo::EventTarget& target) {
    rondo::eventsOf(target, "click", [](rondo::Event& event) { return &event; });
}
