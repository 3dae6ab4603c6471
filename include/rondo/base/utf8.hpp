// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace rondo::base {

/// How many bytes the character at the start of `bytes` has; 0 if it is ill-formed.
constexpr std::size_t utf8Length(std::string_view bytes) noexcept {
    const auto at = [bytes](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    const auto isIn = [&](std::size_t i, unsigned low, unsigned high) {
        return i < bytes.size() && at(i) >= low && at(i) <= high;
    };
    const unsigned first = at(0);
    if (first < 0x80) return 1;
    if (first < 0xc2 || first > 0xf4) return 0;
    if (first < 0xe0) return isIn(1, 0x80, 0xbf) ? 2 : 0;
    if (first < 0xf0)
        return isIn(1, first == 0xe0 ? 0xa0 : 0x80, first == 0xed ? 0x9f : 0xbf) && isIn(2, 0x80, 0xbf) ? 3 : 0;
    return isIn(1, first == 0xf0 ? 0x90 : 0x80, first == 0xf4 ? 0x8f : 0xbf) && isIn(2, 0x80, 0xbf) &&
                   isIn(3, 0x80, 0xbf)
               ? 4
               : 0;
}

/// How many of the first bytes are well-formed.
inline std::size_t wellFormedPrefix(std::string_view bytes) noexcept {
    std::size_t at = 0;
    while (at < bytes.size()) {
        std::uint64_t eight = 0;
        if (bytes.size() - at >= sizeof eight) {
            std::memcpy(&eight, bytes.data() + at, sizeof eight);
            if ((eight & 0x8080'8080'8080'8080) == 0) { // most text is ASCII
                at += sizeof eight;
                continue;
            }
        }
        const std::size_t length = utf8Length(bytes.substr(at));
        if (length == 0) break;
        at += length;
    }
    return at;
}

/// How many bytes at the start, which are ill-formed, one U+FFFD stands for: those that could have begun a character.
constexpr std::size_t illFormedLength(std::string_view bytes) noexcept {
    std::size_t length = 1;
    char begun[4] = {bytes[0], '\x80', '\x80', '\x80'};
    while (length < 3 && length < bytes.size()) {
        begun[length] = bytes[length];
        if (utf8Length(std::string_view(begun, 4)) == 0) break;
        ++length;
    }
    return length;
}

/// The text with U+FFFD for what is no UTF-8, as the Encoding Standard's decoder has it. A byte order mark stays.
inline std::string wellFormed(std::string text) {
    std::size_t at = wellFormedPrefix(text);
    if (at == text.size()) return text;
    std::string result;
    for (std::string_view rest = text;;) {
        result += rest.substr(0, at);
        rest.remove_prefix(at);
        if (rest.empty()) return result;
        result += "\xef\xbf\xbd";
        rest.remove_prefix(illFormedLength(rest));
        at = wellFormedPrefix(rest);
    }
}
inline std::string wellFormed(std::string_view text) { return wellFormed(std::string(text)); }

}
