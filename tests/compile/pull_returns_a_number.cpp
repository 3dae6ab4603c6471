// error: a method of a source, a sink or a transformer returns nothing or a Promise
// SPDX-License-Identifier: MIT

#include <rondo/streams.hpp>

void f() {
    rondo::ReadableStream<int> stream({.pull = [] { return 5; }});
}
