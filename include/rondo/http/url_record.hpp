// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/ascii.hpp>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rondo::http {

/// Why a text is no URL.
enum class UrlFault : std::uint8_t { none, scheme, noBase, host, noHost, domain, ipv4, ipv6, port };

/// What a URL is made of. https://url.spec.whatwg.org/#concept-url
///
/// The path is kept as it is written: a list of segments as "/a/b", and an empty list as nothing. None of the segments
/// has a "/" in it, so nothing is lost. The host is kept as it is written, too.
struct UrlRecord {
    std::string scheme = {};
    std::string username = {};
    std::string password = {};
    std::optional<std::string> host = {};
    std::optional<std::uint16_t> port = {};
    std::string path = {};
    bool pathIsOpaque = false;
    std::optional<std::string> query = {};
    std::optional<std::string> fragment = {};

    static bool isSpecial(std::string_view scheme) noexcept {
        return scheme == "file" || defaultPortOf(scheme).has_value();
    }
    bool isSpecial() const noexcept { return isSpecial(scheme); }
    static std::optional<std::uint16_t> defaultPortOf(std::string_view scheme) noexcept {
        if (scheme == "http" || scheme == "ws") return std::uint16_t{80};
        if (scheme == "https" || scheme == "wss") return std::uint16_t{443};
        if (scheme == "ftp") return std::uint16_t{21};
        return std::nullopt;
    }

    bool includesCredentials() const noexcept { return !username.empty() || !password.empty(); }
    bool cannotHaveCredentialsOrPort() const noexcept { return !host || host->empty() || scheme == "file"; }

    /// Takes the last segment away, but not the drive letter of a file.
    void shortenPath() {
        const std::size_t last = path.rfind('/');
        if (last == std::string::npos) return;
        if (last == 0 && scheme == "file" && isNormalizedDriveLetter(std::string_view(path).substr(1))) return;
        path.resize(last);
    }

    /// "C:" or "C|".
    static bool isDriveLetter(std::string_view text) noexcept {
        return text.size() == 2 && base::isAlpha(text[0]) && (text[1] == ':' || text[1] == '|');
    }
    static bool isNormalizedDriveLetter(std::string_view text) noexcept {
        return isDriveLetter(text) && text[1] == ':';
    }
    static bool startsWithDriveLetter(std::string_view text) noexcept {
        return isDriveLetter(text.substr(0, 2)) &&
               (text.size() == 2 || text[2] == '/' || text[2] == '\\' || text[2] == '?' || text[2] == '#');
    }

    void appendHost(std::string& output) const {
        if (host) output += *host;
        if (!port) return;
        char digits[8];
        output += ':';
        output.append(digits, std::to_chars(digits, digits + sizeof digits, *port).ptr);
    }

    /// https://url.spec.whatwg.org/#url-serializing
    std::string serialize(bool excludeFragment = false) const {
        std::string output;
        output.reserve(scheme.size() + username.size() + password.size() + (host ? host->size() : 0) + path.size() +
                       (query ? query->size() : 0) + (fragment ? fragment->size() : 0) + 16);
        output += scheme;
        output += ':';
        if (host) {
            output += "//";
            if (includesCredentials()) {
                output += username;
                if (!password.empty()) {
                    output += ':';
                    output += password;
                }
                output += '@';
            }
            appendHost(output);
        } else if (!pathIsOpaque && path.starts_with("//")) {
            output += "/."; // or what follows would be read as a host
        }
        output += path;
        if (query) {
            output += '?';
            output += *query;
        }
        if (fragment && !excludeFragment) {
            output += '#';
            output += *fragment;
        }
        return output;
    }

    /// Scheme, host and port of what has an origin of its own; nothing, if that is an opaque one.
    std::optional<std::string> tupleOrigin() const {
        if (!isSpecial() || scheme == "file") return std::nullopt;
        std::string output = scheme + "://";
        appendHost(output);
        return output;
    }

    friend bool operator==(const UrlRecord&, const UrlRecord&) = default;
};

}
