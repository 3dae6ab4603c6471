// only error: the chunks of the source must be what the destination takes
// SPDX-License-Identifier: MIT

#include <rondo/streams.hpp>

#include <string>

void f(const rondo::ReadableStream<int>& stream, const rondo::TransformStream<std::string>& transform) {
    stream.pipeThrough(transform);
}
