// SPDX-License-Identifier: MIT
#pragma once

#include "memory/heap.hpp"

#include <functional>

/// What a server's threads allocate is none of the program's: see `Server`.
inline void ownMemory(const std::function<void()>& act) {
    const heap::OwnMemory own;
    act();
}
