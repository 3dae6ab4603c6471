// SPDX-License-Identifier: MIT

// For libFuzzer: an input is a program, which Rondo and the model must run alike. `tests/model/run` builds and runs it.

#include "model/compare.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text = programs::difference({data, size});
    if (text.empty()) return 0;
    std::fputs(text.c_str(), stderr);
    std::abort();
}
