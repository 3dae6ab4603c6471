// only error: a method of a source, a sink or a transformer takes
// SPDX-License-Identifier: MIT

#include <rondo/streams.hpp>

void f() {
    rondo::ReadableStream<int> stream({.pull = [](int) {}});
}
