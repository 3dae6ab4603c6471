// error: EventTarget
// SPDX-License-Identifier: MIT

#include <rondo/events.hpp>

rondo::EventTarget f(const rondo::EventTarget& target) { return target; }
