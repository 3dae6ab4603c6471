// error: the chunks of a stream are values
// SPDX-License-Identifier: MIT

#include <rondo/streams.hpp>

void f(const rondo::ReadableStream<int&>& stream) { stream.locked(); }
