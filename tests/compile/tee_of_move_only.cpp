// error: tee\(\) copies chunks
// SPDX-License-Identifier: MIT

#include <rondo/streams.hpp>

#include <memory>

void f(const rondo::ReadableStream<std::unique_ptr<int>>& stream) { stream.tee(); }
