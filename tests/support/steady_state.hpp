// SPDX-License-Identifier: MIT
#pragma once

#include "counted.hpp"
#include "sanitizers.hpp"

/// How many blocks a hundred rounds of `work` take from their source when the free lists have been filled by two. With
/// AddressSanitizer the lists keep nothing, and there is nothing to learn: 0.
template <class Work>
int blocksTakenInSteadyState(CountingSource& source, Work work) {
    work();
    work();
    const int before = source.allocations();
    for (int i = 0; i < 100; ++i) work();
    return withAddressSanitizer ? 0 : source.allocations() - before;
}
