// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/ascii.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace rondo::http {

/// The bytes that are written as `%` and two digits: some of ASCII's, and all that are not ASCII's.
/// https://url.spec.whatwg.org/#percent-encoded-bytes
class PercentEncodeSet {
public:
    /// The C0 controls and DEL, and the characters given.
    constexpr explicit PercentEncodeSet(std::string_view characters) noexcept { add(characters); }
    constexpr PercentEncodeSet with(std::string_view characters) const noexcept {
        PercentEncodeSet set = *this;
        set.add(characters);
        return set;
    }

    constexpr bool contains(char c) const noexcept {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0x80 || ((byte < 64 ? low_ : high_) >> (byte % 64) & 1) != 0;
    }

private:
    constexpr void add(std::string_view characters) noexcept {
        for (const char c : characters) (c < 64 ? low_ : high_) |= std::uint64_t{1} << (c % 64);
    }

    std::uint64_t low_ = 0xffff'ffff;
    std::uint64_t high_ = std::uint64_t{1} << 63;
};

inline constexpr PercentEncodeSet c0ControlSet("");
inline constexpr PercentEncodeSet fragmentSet(" \"<>`");
inline constexpr PercentEncodeSet querySet(" \"#<>");
inline constexpr PercentEncodeSet specialQuerySet = querySet.with("'");
inline constexpr PercentEncodeSet pathSet = querySet.with("?^`{}");
inline constexpr PercentEncodeSet userinfoSet = pathSet.with("/:;=@[\\]|");
inline constexpr PercentEncodeSet formSet = userinfoSet.with("$%&+,!'()~");

inline void appendPercentEncoded(std::string& output, char c) {
    static constexpr char digits[] = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    output += '%';
    output += digits[byte >> 4];
    output += digits[byte & 15];
}

inline void appendEncoded(std::string& output, char c, const PercentEncodeSet& set) {
    set.contains(c) ? appendPercentEncoded(output, c) : output.push_back(c);
}
inline void appendEncoded(std::string& output, std::string_view text, const PercentEncodeSet& set) {
    while (!text.empty()) {
        std::size_t plain = 0;
        while (plain < text.size() && !set.contains(text[plain])) ++plain;
        output += text.substr(0, plain);
        text.remove_prefix(plain);
        if (text.empty()) break;
        appendPercentEncoded(output, text[0]);
        text.remove_prefix(1);
    }
}

/// Whether there is a `%` with two digits behind it at the start of `text`.
constexpr bool startsWithPercentEncoded(std::string_view text) noexcept {
    return text.size() >= 3 && text[0] == '%' && base::isHexDigit(text[1]) && base::isHexDigit(text[2]);
}

inline std::string percentDecoded(std::string_view text) {
    std::string output;
    output.reserve(text.size());
    for (; !text.empty(); text.remove_prefix(1)) {
        if (!startsWithPercentEncoded(text)) {
            output += text[0];
            continue;
        }
        output += static_cast<char>(base::hexValue(text[1]) * 16 + base::hexValue(text[2]));
        text.remove_prefix(2);
    }
    return output;
}

}
