// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/text.hpp>

#include <cstddef>
#include <string_view>
#include <utility>

namespace rondo::web {

/// What a word is, and so its colour. https://nodejs.org/api/util.html#customizing-utilinspect-colors
enum class Style : unsigned char { plain, object, string, number, boolean, undefined, null, special };

struct PrinterOptions {
    bool quoted = false;  ///< also a string that stands by itself
    bool colours = false; ///< with the escape sequences of a terminal
    bool json = false;    ///< as `JSON.stringify` writes it
    int depth = 2;        ///< of what lies deeper only the kind is said
    std::size_t maxItems = 100;
};

/// Puts text together for a person, from words, strings and lists of them, as Node's `util.inspect` does; or JSON.
///
/// Whoever knows a type tells the printer what a value consists of; the printer knows how that looks.
class Printer {
public:
    explicit Printer(base::Text& out, const PrinterOptions& options = {}) noexcept : out_(&out), options_(options) {}
    Printer(const Printer&) = delete;
    Printer& operator=(const Printer&) = delete;

    /// A value by itself is shown in full, one inside another in short.
    bool nested() const noexcept { return level_ > 0 || options_.quoted || options_.json; }

    /// What the value by itself has turned out to be.
    Style kind() const noexcept { return kind_; }

    const PrinterOptions& options() const noexcept { return options_; }

    [[gnu::cold]] void word(Style style, std::string_view text) {
        isA(style);
        const char* begin = "";
        const char* end = "\x1b[39m";
        if (options_.colours) {
            switch (style) {
            case Style::string: begin = "\x1b[32m"; break;
            case Style::number:
            case Style::boolean: begin = "\x1b[33m"; break;
            case Style::undefined: begin = "\x1b[90m"; break;
            case Style::special: begin = "\x1b[36m"; break;
            case Style::null:
                begin = "\x1b[1m";
                end = "\x1b[22m";
                break;
            default: break;
            }
        }
        *out_ += begin;
        *out_ += text;
        if (*begin) *out_ += end;
    }

    /// A string: its characters, or quoted.
    [[gnu::cold]] void string(std::string_view text) {
        isA(Style::string);
        if (options_.json) {
            json(text);
        } else if (!nested()) {
            *out_ += text;
        } else {
            base::Text quoted;
            const std::size_t omitted = quote(quoted, text);
            word(Style::string, quoted.view());
            if (omitted == 0) return;
            (*out_ += "... ").appendNumber(static_cast<long long>(omitted));
            *out_ += omitted > 1 ? " more characters" : " more character";
        }
    }

    /// What a value says of itself: as it is. JSON has it as a string.
    [[gnu::cold]] void plain(std::string_view text) {
        isA(Style::plain);
        options_.json ? json(text) : void(*out_ += text);
    }

    [[gnu::cold]] void number(std::string_view text) {
        const bool isFinite = text.find_first_of("NI") == text.npos;
        word(Style::number, !options_.json || isFinite ? text : "null");
    }

    void undefined() { word(Style::undefined, options_.json && level_ > 0 ? "null" : "undefined"); }

private:
    friend class Items;

    void isA(Style style) noexcept {
        if (level_ == 0) kind_ = style;
    }

    static void hexadecimal(base::Text& out, std::string_view escape, std::string_view digits, char c) {
        ((out += escape) += digits[static_cast<unsigned char>(c) / 16]) += digits[static_cast<unsigned char>(c) % 16];
    }

    /// With the quotes that need no escapes, if there are such. Returns how many characters are too many to show.
    [[gnu::cold]] static std::size_t quote(base::Text& out, std::string_view text) {
        constexpr std::size_t most = 10'000;
        const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };
        std::size_t omitted = 0;
        if (text.size() > most) {
            std::size_t end = most;
            while (end > 0 && continues(text[end])) --end;
            for (const char c : text.substr(end)) omitted += continues(c) ? 0 : 1;
            text = text.substr(0, end);
        }
        const auto has = [text](std::string_view part) { return text.find(part) != text.npos; };
        const char quote = !has("'") ? '\'' : !has("\"") ? '"' : !has("`") && !has("${") ? '`' : '\'';
        out += quote;
        for (const char c : text) {
            constexpr std::string_view escaped = "\b\t\n\f\r\\";
            if (const auto at = escaped.find(c); at != escaped.npos) {
                (out += '\\') += "btnfr\\"[at];
            } else if (c == quote) {
                (out += '\\') += c;
            } else if ((c >= 0 && c < ' ') || c == '\x7f') {
                hexadecimal(out, "\\x", "0123456789ABCDEF", c);
            } else {
                out += c;
            }
        }
        out += quote;
        return omitted;
    }

    [[gnu::cold]] void json(std::string_view text) {
        *out_ += '"';
        for (const char c : text) {
            constexpr std::string_view escaped = "\b\t\n\f\r\\\"";
            if (const auto at = escaped.find(c); at != escaped.npos) {
                (*out_ += '\\') += "btnfr\\\""[at];
            } else if (c >= 0 && c < ' ') {
                hexadecimal(*out_, "\\u00", "0123456789abcdef", c);
            } else {
                *out_ += c;
            }
        }
        *out_ += '"';
    }

    base::Text* out_;
    PrinterOptions options_;
    int level_ = 0;
    Style kind_ = Style::plain;
};

/// The items of a list, while they are printed: `[ 1, 2, 3 ]`, `Map(1) { 'a' => 1 }`, `{ status: 'fulfilled' }`.
class Items {
public:
    enum class Of : unsigned char { array, map, set, object, promise };

    [[gnu::cold]] Items(Printer& printer, Of what, std::size_t count) : printer_(printer), what_(what), count_(count) {
        printer_.isA(Style::object);
        const bool hasPrefix = what == Of::map || what == Of::set || what == Of::promise;
        if (!json()) {
            if (count > 0 && printer_.level_ > printer_.options_.depth) {
                base::Text text;
                ((text += '[') += name()) += ']';
                printer_.word(Style::special, text.view());
                hidden_ = true;
                return;
            }
            if (hasPrefix) out() += name();
            if (hasPrefix && what != Of::promise) (out() += '(').appendNumber(static_cast<long long>(count)) += ')';
            if (hasPrefix) out() += ' ';
        }
        out() += isList() ? '[' : '{';
        ++printer_.level_;
    }
    Items(const Items&) = delete;
    Items& operator=(const Items&) = delete;

    /// Another one is to be printed now; if not, no more are.
    [[gnu::cold]] bool next() {
        if (hidden_) return false;
        const bool isFirst = !std::exchange(any_, true);
        if (!json()) out() += isFirst ? " " : ", ";
        if (json() && !isFirst) out() += ',';
        if (json() || shown_ < printer_.options_.maxItems) {
            ++shown_;
            return true;
        }
        const std::size_t left = count_ - shown_;
        (out() += "... ").appendNumber(static_cast<long long>(left)) += left > 1 ? " more items" : " more item";
        return false;
    }

    /// The key of an item is printed between these two: as it is in an object, as a value in a map.
    [[gnu::cold]] void beginKey() {
        if (!json()) return;
        saved_ = std::exchange(printer_.out_, &key_);
        printer_.options_.json = false;
        level_ = std::exchange(printer_.level_, 0);
    }
    [[gnu::cold]] void endKey() {
        if (!saved_) {
            out() += " => ";
            return;
        }
        printer_.out_ = std::exchange(saved_, nullptr);
        printer_.options_.json = true;
        printer_.level_ = level_;
        printer_.json(key_.view());
        key_.clear();
        out() += ':';
    }
    [[gnu::cold]] void key(std::string_view name) {
        if (json()) {
            printer_.json(name);
            out() += ':';
        } else {
            (out() += name) += ": ";
        }
    }

    [[gnu::cold]] void end() {
        if (hidden_) return;
        --printer_.level_;
        if (any_ && !json()) out() += ' ';
        out() += isList() ? ']' : '}';
    }

private:
    base::Text& out() noexcept { return *printer_.out_; }
    bool json() const noexcept { return printer_.options_.json; }
    bool isList() const noexcept { return what_ == Of::array || (what_ == Of::set && json()); }
    std::string_view name() const noexcept {
        switch (what_) {
        case Of::array: return "Array";
        case Of::map: return "Map";
        case Of::set: return "Set";
        case Of::promise: return "Promise";
        default: return "Object";
        }
    }

    Printer& printer_;
    Of what_;
    std::size_t count_;
    std::size_t shown_ = 0;
    bool any_ = false;
    bool hidden_ = false;
    base::Text* saved_ = nullptr; // while a key of JSON is written
    base::Text key_;
    int level_ = 0;
};

}
