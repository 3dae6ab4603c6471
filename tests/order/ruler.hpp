// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/rondo.hpp>

/// Prints `tick 1` to `tick n`, each a tick behind the one before.
inline void ruler(int n) {
    rondo::Promise<> p = rondo::Promise<>::resolve();
    for (int i = 1; i <= n; ++i) p = p.then([i] { rondo::console.log("tick", i); });
}
