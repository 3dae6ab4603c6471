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
    Bytes bytes;
    const std::uint64_t operations = 10 + next(mostOperations - 10);
    for (std::uint64_t i = 0; i < operations; ++i) {
        // the bodies are short, for an operation of theirs takes up only so much of what may run
        const bool ends = next(6) == 0;
        bytes.push_back(ends ? static_cast<std::uint8_t>(Code::end)
                             : static_cast<std::uint8_t>(next(static_cast<std::uint64_t>(Code::count))));
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
