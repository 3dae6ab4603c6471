// SPDX-License-Identifier: MIT
#pragma once

#include "model/program.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace programs {

using Bytes = std::vector<std::uint8_t>;

/// The program of a seed: the same everywhere.
inline Bytes randomBytes(std::uint64_t seed) {
    std::uint64_t state = seed * 0x9e3779b97f4a7c15U + 1;
    const auto next = [&state](std::uint64_t below) { // splitmix64
        std::uint64_t z = (state += 0x9e3779b97f4a7c15U);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        return (z ^ (z >> 31)) % below;
    };
    constexpr Code generating[] = {Code::next,       Code::return_,      Code::throwInto, Code::forAwait,
                                   Code::yieldValue, Code::yieldPromise, Code::yieldAll,  Code::cleanup};
    Bytes bytes;
    const std::uint64_t operations = 10 + next(mostOperations - 10);
    for (std::uint64_t i = 0; i < operations; ++i) {
        // the bodies are short, and seldom left early, or little of a program would run; generators need several
        // operations to come to something
        auto code = static_cast<Code>(next(static_cast<std::uint64_t>(Code::count)));
        if ((code == Code::throw_ || code == Code::leave || code == Code::stop) && next(4) != 0) code = Code::next;
        if (next(4) == 0) code = generating[next(std::size(generating))];
        if (next(6) == 0) code = Code::end;
        bytes.push_back(static_cast<std::uint8_t>(code));
        for (int operand = 0; operand < 3; ++operand) bytes.push_back(static_cast<std::uint8_t>(next(256)));
    }
    return bytes;
}

inline Bytes bytesOf(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// The inputs that are kept, in the order of their names.
inline std::vector<std::filesystem::path> filesOf(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

}
