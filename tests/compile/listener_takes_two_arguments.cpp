// only error: a listener takes nothing, Event&, or a class derived from Event by reference
// SPDX-License-Identifier: MIT

#include <rondo/events.hpp>

void f(rondo::EventTarget& target) {
    target.addEventListener("x", [](rondo::Event&, int) {});
}
