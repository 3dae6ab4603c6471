// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/ascii.hpp>
#include <rondo/base/utf8.hpp>
#include <rondo/http/percent_encoding.hpp>
#include <rondo/http/url_record.hpp>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rondo::http {

inline constexpr std::string_view forbiddenInHosts("\0\t\n\r #/:<>?@[\\]^|", 17);

inline bool isForbiddenInDomains(char c) noexcept {
    return c == '%' || c == '\x7f' || static_cast<unsigned char>(c) < 0x20 ||
           forbiddenInHosts.find(c) != std::string_view::npos;
}

inline bool isAscii(std::string_view text) noexcept {
    for (const char c : text) {
        if (static_cast<unsigned char>(c) >= 0x80) return false;
    }
    return true;
}

/// A part of an IPv4 address: decimal, octal behind "0", hexadecimal behind "0x". Of a number that is too large for an
/// address, one that is, too.
inline std::optional<std::uint64_t> parseIpv4Number(std::string_view part) noexcept {
    if (part.empty()) return std::nullopt;
    unsigned radix = 10;
    if (part.size() >= 2 && part[0] == '0') {
        radix = base::toLower(part[1]) == 'x' ? 16 : 8;
        part.remove_prefix(radix == 16 ? 2 : 1);
    }
    std::uint64_t number = 0;
    for (const char c : part) {
        if (!base::isHexDigit(c) || base::hexValue(c) >= radix) return std::nullopt;
        if (number <= 0xffff'ffff) number = number * radix + base::hexValue(c);
    }
    return number;
}

/// https://url.spec.whatwg.org/#ends-in-a-number-checker
inline bool endsInNumber(std::string_view domain) noexcept {
    if (domain.ends_with('.')) domain.remove_suffix(1);
    const std::string_view last = domain.substr(domain.rfind('.') + 1); // npos + 1 is 0
    if (last.empty()) return false;
    bool digits = true;
    for (const char c : last) digits = digits && base::isDigit(c);
    return digits || parseIpv4Number(last).has_value();
}

/// https://url.spec.whatwg.org/#concept-ipv4-parser, and its serializer.
inline std::optional<std::string> parseIpv4(std::string_view text) {
    if (text.size() > 1 && text.ends_with('.')) text.remove_suffix(1);
    std::uint64_t address = 0;
    for (unsigned count = 0;; ++count) {
        if (count == 4) return std::nullopt;
        const std::size_t dot = text.find('.');
        const auto number = parseIpv4Number(text.substr(0, dot));
        if (!number) return std::nullopt;
        if (dot == std::string_view::npos) { // the last one fills what is left
            if (*number >= std::uint64_t{1} << 8 * (4 - count)) return std::nullopt;
            address += *number;
            break;
        }
        if (*number > 255) return std::nullopt;
        address += *number << 8 * (3 - count);
        text.remove_prefix(dot + 1);
    }
    char output[16];
    char* at = output;
    for (int shift = 24; shift >= 0; shift -= 8) {
        at = std::to_chars(at, output + sizeof output, (address >> shift) & 255).ptr;
        *at++ = '.';
    }
    return std::string(output, at - 1);
}

/// https://url.spec.whatwg.org/#concept-ipv6-parser
inline std::optional<std::array<std::uint16_t, 8>> parseIpv6(std::string_view text) noexcept {
    std::array<std::uint16_t, 8> address{};
    constexpr std::size_t none = 9;
    std::size_t piece = 0;
    std::size_t compress = none; // the piece before which there are zeros
    std::size_t at = 0;
    const auto peek = [&](std::size_t i) { return i < text.size() ? text[i] : '\0'; };
    if (peek(0) == ':') {
        if (peek(1) != ':') return std::nullopt;
        at = 2;
        compress = ++piece;
    }
    while (at < text.size()) {
        if (piece == 8) return std::nullopt;
        if (text[at] == ':') {
            if (compress != none) return std::nullopt;
            ++at;
            compress = ++piece;
            continue;
        }
        unsigned value = 0;
        std::size_t length = 0;
        for (; length < 4 && base::isHexDigit(peek(at)); ++length) value = value * 16 + base::hexValue(text[at++]);
        if (peek(at) == '.') { // the last two pieces are written as IPv4
            if (length == 0 || piece > 6) return std::nullopt;
            at -= length;
            int seen = 0;
            for (; at < text.size(); ++seen) {
                if (seen > 0) {
                    if (text[at] != '.' || seen == 4) return std::nullopt;
                    ++at;
                }
                if (!base::isDigit(peek(at))) return std::nullopt;
                unsigned number = base::hexValue(text[at++]);
                for (; base::isDigit(peek(at)); ++at) {
                    if (number == 0) return std::nullopt;
                    number = number * 10 + base::hexValue(text[at]);
                    if (number > 255) return std::nullopt;
                }
                address[piece] = static_cast<std::uint16_t>(address[piece] * 256u + number);
                if (seen % 2 == 1) ++piece;
            }
            if (seen != 4) return std::nullopt;
            break;
        }
        if (peek(at) == ':') {
            if (++at == text.size()) return std::nullopt;
        } else if (at < text.size()) {
            return std::nullopt;
        }
        address[piece++] = static_cast<std::uint16_t>(value);
    }
    if (compress == none) {
        if (piece != 8) return std::nullopt;
        return address;
    }
    std::size_t to = 8; // what stands behind the gap goes to the end
    while (piece > compress) {
        address[--to] = address[--piece];
        if (to != piece) address[piece] = 0;
    }
    return address;
}

/// In brackets. https://url.spec.whatwg.org/#concept-ipv6-serializer
inline std::string serializeIpv6(const std::array<std::uint16_t, 8>& address) {
    std::size_t gap = 8; // the first of the longest runs of zeros
    std::size_t longest = 1;
    for (std::size_t i = 0; i < 8; ++i) {
        std::size_t end = i;
        while (end < 8 && address[end] == 0) ++end;
        if (end - i > longest) {
            gap = i;
            longest = end - i;
        }
        if (end > i) i = end - 1;
    }
    std::string output = "[";
    for (std::size_t i = 0; i < 8; ++i) {
        if (i == gap) {
            output += i == 0 ? "::" : ":";
            i += longest - 1;
            continue;
        }
        char digits[8];
        output.append(digits, std::to_chars(digits, digits + sizeof digits, address[i], 16).ptr);
        if (i < 7) output += ':';
    }
    return output += ']';
}

/// The host as it is written in a URL; nothing, and why, if it is none. https://url.spec.whatwg.org/#concept-host-parser
inline std::optional<std::string> parseHost(std::string_view input, bool isOpaque, UrlFault& fault) {
    if (input.starts_with('[')) {
        fault = UrlFault::ipv6;
        if (!input.ends_with(']')) return std::nullopt;
        const auto address = parseIpv6(input.substr(1, input.size() - 2));
        if (!address) return std::nullopt;
        return serializeIpv6(*address);
    }
    fault = UrlFault::host;
    if (isOpaque) {
        if (input.find_first_of(forbiddenInHosts) != std::string_view::npos) return std::nullopt;
        std::string output;
        appendEncoded(output, input, c0ControlSet);
        return output;
    }
    // An ASCII domain is what it is, in lower case, whatever its "xn--" labels stand for.
    std::string domain = percentDecoded(input);
    if (!isAscii(domain)) {
        fault = UrlFault::domain;
        return std::nullopt;
    }
    for (char& c : domain) {
        if (isForbiddenInDomains(c)) return std::nullopt;
        c = base::toLower(c);
    }
    if (domain.empty()) return std::nullopt;
    if (!endsInNumber(domain)) return domain;
    fault = UrlFault::ipv4;
    return parseIpv4(domain);
}

}
