// only error: a method of a source, a sink or a transformer takes
// SPDX-License-Identifier: MIT

#include <rondo/streams.hpp>

#include <string>

void f() {
    rondo::TransformStream<std::string, int> stream(
        {.transform = [](std::string, rondo::TransformStreamDefaultController<std::string>&) {}});
}
