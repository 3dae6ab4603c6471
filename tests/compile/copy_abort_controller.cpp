// error: AbortController
// SPDX-License-Identifier: MIT

#include <rondo/events.hpp>

rondo::AbortController f(const rondo::AbortController& controller) { return controller; }
