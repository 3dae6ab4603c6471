// error: from\(\) makes chunks
// SPDX-License-Identifier: MIT

#include <rondo/streams.hpp>

#include <string>
#include <vector>

auto f() { return rondo::ReadableStream<std::string>::from(std::vector<std::vector<int>>()); }
