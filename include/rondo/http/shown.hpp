// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/ascii.hpp>

#include <string>
#include <string_view>

/// How objects of HTTP are printed, which is as Node prints them, in one line.
namespace rondo::http {

/// In the quotes that it has not in it.
inline std::string quoted(std::string_view text) {
    static constexpr char digits[] = "0123456789ABCDEF";
    const bool isApostropheIn = text.find('\'') != std::string_view::npos;
    const char quote = isApostropheIn && text.find('"') == std::string_view::npos ? '"' : '\'';
    std::string output(1, quote);
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') {
            ((output += "\\x") += digits[(c >> 4) & 7]) += digits[c & 15];
            continue;
        }
        if (c == quote || c == '\\') output += '\\';
        output += c;
    }
    return output += quote;
}

/// The name of a property: without quotes, if it could be a name in a program.
inline std::string asKey(std::string_view name) {
    bool isName = !name.empty() && !base::isDigit(name[0]);
    for (const char c : name) isName = isName && (base::isAlphanumeric(c) || c == '_' || c == '$');
    return isName ? std::string(name) : quoted(name);
}

/// What goes between the parts of an object, and at its ends.
template <class Stream>
class Parts {
public:
    Parts(Stream& out, std::string_view name) : out_(out) { out_ << name << " {"; }
    ~Parts() = default;
    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;

    /// Where the value is to be written.
    Stream& operator[](std::string_view key) {
        out_ << (any_ ? ", " : " ") << key << ": ";
        any_ = true;
        return out_;
    }
    Stream& next() {
        out_ << (any_ ? ", " : " ");
        any_ = true;
        return out_;
    }
    Stream& end() {
        out_ << (any_ ? " }" : "}");
        return out_;
    }

private:
    Stream& out_;
    bool any_ = false;
};

}
