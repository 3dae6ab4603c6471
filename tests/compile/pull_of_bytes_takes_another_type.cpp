// only error: a method of a source, a sink or a transformer takes
// SPDX-License-Identifier: MIT

#include <rondo/streams.hpp>

void f() {
    rondo::ReadableStream<rondo::Uint8Array> stream({.pull = [](int) {}});
}
