// only error: pipeThrough\(\) takes
// SPDX-License-Identifier: MIT

#include <rondo/streams.hpp>

void f(const rondo::ReadableStream<int>& stream, const rondo::WritableStream<int>& sink) { stream.pipeThrough(sink); }
