// only error: the size of a strategy takes a chunk, or nothing, and returns a number
// SPDX-License-Identifier: MIT

#include <rondo/streams.hpp>

#include <string>

void f() {
    rondo::ReadableStream<int> stream({.pull = [] {}}, {.size = [](int) { return std::string("1"); }});
}
