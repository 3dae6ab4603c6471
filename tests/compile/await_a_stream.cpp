// error: co_await takes
// SPDX-License-Identifier: MIT

#include <rondo/rondo.hpp>
#include <rondo/streams.hpp>

rondo::Promise<> f(rondo::ReadableStream<int> stream) { co_await stream; }
