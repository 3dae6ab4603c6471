// only error: a closure has no identity: remove it by the handle that addEventListener returned
// SPDX-License-Identifier: MIT

#include <rondo/events.hpp>

void f(rondo::EventTarget& target) {
    const auto listener = [] {};
    target.addEventListener("x", listener);
    target.removeEventListener("x", listener);
}
