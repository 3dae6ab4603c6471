// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/memory.hpp>
#include <rondo/base/order.hpp>
#include <rondo/base/text.hpp>
#include <rondo/base/thread.hpp>

#include <array>
#include <cstring>
#include <exception>
#include <source_location>
#include <string_view>
#include <utility>

namespace rondo::base {

/// The name in what a compiler gives as `function_name()`: without result, parameters, and what GCC adds to the
/// name of a coroutine. A lambda is `lambda`.
[[gnu::cold]] inline std::string_view shortFunctionName(std::string_view name) noexcept {
    if (const auto with = name.find(" [with "); with != name.npos) name = name.substr(0, with);
    const auto inWord = [&](std::size_t i) { // of an identifier; `npos`, before the first character, is not
        return i < name.size() && (name[i] == '_' || (name[i] >= '0' && name[i] <= '9') ||
                                   (name[i] >= 'A' && name[i] <= 'Z') || (name[i] >= 'a' && name[i] <= 'z'));
    };
    const auto closing = [&](std::size_t i) { // of the next parenthesis
        for (std::size_t open = 0; i < name.size(); ++i) {
            if (name[i] == '(') ++open;
            if (name[i] == ')' && --open == 0) break;
        }
        return i;
    };
    const auto behindParameters = [&](std::size_t i) { // and their qualifiers
        return lesser(name.find_first_not_of(" &constvolatilenoexcept", closing(i) + 1), name.size());
    };
    // the parameter list begins at the first parenthesis outside of template arguments
    std::size_t depth = 0;
    std::size_t end = name.size();
    std::size_t begin = 0;
    for (std::size_t i = 0; i < end; ++i) {
        const char c = name[i];
        if (name.substr(i).starts_with("operator") && !inWord(i - 1) && !inWord(i + 8)) {
            const auto parenthesis = name.find('(', i + 8 + (name.substr(i + 8).starts_with("()") ? 2 : 0));
            end = parenthesis == name.npos ? name.size() : parenthesis;
            break;
        }
        const auto stands = [&](std::string_view text) { return name.substr(i).starts_with(text); };
        if (depth == 0 && stands("decltype") && !inWord(i - 1) && !inWord(i + 8)) { // of a result
            i = closing(i);
            continue;
        }
        if (depth == 0 && (stands("<lambda") || stands("(anonymous class)") || stands("(lambda at"))) return "lambda";
        if (stands("(anonymous namespace)")) {
            i += 20;
        } else if (stands("{anonymous}")) {
            i += 10;
        } else if (c == '<') {
            ++depth;
        } else if (c == '>') {
            --depth;
        } else if (depth == 0 && c == '(') {
            const std::size_t next = behindParameters(i);
            if (name.substr(next).starts_with("::")) { // of a function with a local class
                i = next + 1;
                begin = i + 1;
            } else {
                end = i;
            }
        } else if (depth == 0 && (c == ' ' || c == '*' || c == '&')) {
            begin = i + 1;
        }
    }
    return name.substr(begin, end - begin);
}

/// `load (src/config.cpp:58)`
[[gnu::cold]] inline void appendPlace(Text& text, const std::source_location& where) {
    text += shortFunctionName(where.function_name());
    text += " (";
    text += where.file_name();
    if (where.line() > 0) (text += ":").appendNumber(where.line());
    text += ")";
}

/// One line of an async stack, as V8 prints it: `    at async load (src/config.cpp:58)`.
[[gnu::cold]] inline void appendStackLine(Text& text, const std::source_location& where, bool async) {
    appendPlace(text += async ? "\n    at async " : "\n    at ", where);
}

/// Where something was made, and up to ten awaits above it: of a function that runs, the one it passed last. Captured
/// in place: nothing is allocated until the text is asked for.
class StackTrace {
public:
    static constexpr std::size_t depth = 10;

    StackTrace() noexcept = default;
    explicit StackTrace(const std::source_location& where) noexcept : where_(where) {
        if (thread.running) capture(thread.awaits, thread.running);
    }

    /// Of a function that is suspended at `where`.
    StackTrace(const std::source_location& where, Thread::Awaits awaits, const void* function) noexcept
        : where_(where) {
        capture(awaits, function);
    }

    bool captured() const noexcept { return where_.line() != 0; }
    /// It was made in the async function that ran, and not in a function that this one had called.
    bool inAsyncFunction() const noexcept { return inAsyncFunction_; }
    const std::source_location& where() const noexcept { return where_; }
    const std::source_location* begin() const noexcept { return awaits_.data(); }
    const std::source_location* end() const noexcept { return awaits_.data() + count_; }

private:
    void capture(Thread::Awaits awaits, const void* function) noexcept {
        std::array<std::source_location, depth + 1> all;
        const std::size_t count = awaits(function, all.data(), all.size());
        inAsyncFunction_ = count > 0 && std::strcmp(all[0].function_name(), where_.function_name()) == 0;
        for (std::size_t i = inAsyncFunction_ ? 1 : 0; i < count && count_ < depth; ++i) awaits_[count_++] = all[i];
    }

    std::source_location where_;
    std::size_t count_ = 0;
    std::array<std::source_location, depth> awaits_{};
    bool inAsyncFunction_ = false;
};

/// The awaits that a reason has been thrown through on its way out, the outermost first.
///
/// An await that rethrows adds itself. What is awaited before its caller has suspended has nobody above it yet:
/// for that the trail, not the capture, knows the line. Shared, and bounded to the ten innermost.
class Trail {
public:
    /// Adds the await at `where` to `inner`, of which it takes over a count. Without memory it returns `inner`.
    [[gnu::cold]] static Trail* extended(Trail* inner, const std::source_location& where) noexcept {
        if (inner && inner->length_ >= StackTrace::depth) return inner;
        try {
            return ::new (FreeLists::allocate(sizeof(Trail))) Trail(inner, where);
        } catch (const std::bad_alloc&) {
            return inner;
        }
    }

    static Trail* shared(Trail* trail) noexcept {
        if (trail) ++trail->count_;
        return trail;
    }

    [[gnu::noinline]] static void release(Trail* trail) noexcept {
        while (trail && --trail->count_ == 0) {
            Trail* inner = trail->inner_;
            FreeLists::deallocate(trail, sizeof(Trail));
            trail = inner;
        }
    }

    /// Writes the awaits of `trail`, innermost first, and returns how many there are.
    [[gnu::cold]] static std::size_t awaits(const Trail* trail,
                                            std::array<std::source_location, StackTrace::depth>& out) noexcept {
        const std::size_t length = trail ? trail->length_ : 0;
        for (std::size_t i = length; i > 0; trail = trail->inner_) out[--i] = trail->where_;
        return length;
    }

private:
    Trail(Trail* inner, const std::source_location& where) noexcept
        : length_(inner ? inner->length_ + 1 : 1), inner_(inner), where_(where) {}

    std::uint32_t count_ = 1;
    std::uint32_t length_;
    Trail* inner_;
    std::source_location where_;
};

/// Why a promise was rejected, and the awaits it was thrown through so far.
struct Reason {
    Reason(std::exception_ptr reason, Trail* through) noexcept : error(std::move(reason)), trail(through) {}
    Reason(const Reason& other) noexcept : error(other.error), trail(Trail::shared(other.trail)) {}
    Reason(Reason&& other) noexcept : error(std::move(other.error)), trail(std::exchange(other.trail, nullptr)) {}
    Reason& operator=(const Reason&) = delete;
    ~Reason() { Trail::release(trail); }

    std::exception_ptr error;
    Trail* trail; // owns a count
};

}
