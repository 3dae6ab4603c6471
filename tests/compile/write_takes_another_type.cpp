// only error: a method of a source, a sink or a transformer takes
// SPDX-License-Identifier: MIT

#include <rondo/streams.hpp>

#include <string>

void f() {
    rondo::WritableStream<int> stream({.write = [](std::string) {}});
}
