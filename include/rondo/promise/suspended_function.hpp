// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/async_stack.hpp>
#include <rondo/loop/event_loop.hpp>
#include <rondo/promise/frame.hpp>

#include <algorithm>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

namespace rondo {

/// An async function that waits at a `co_await`, and up to ten functions that await it: a picture, taken by
/// `EventLoop::pending()`.
class SuspendedFunction {
public:
    std::string_view name() const noexcept { return base::shortFunctionName(where().function_name()); }
    /// The `co_await` it waits at.
    const std::source_location& where() const noexcept { return stack_.where(); }
    /// The `co_await`s above it, innermost first.
    const std::source_location* begin() const noexcept { return stack_.begin(); }
    const std::source_location* end() const noexcept { return stack_.end(); }

    /// `async load (src/config.cpp:58)`, and a line for each of those above it.
    std::string stack() const {
        base::Text text;
        appendTo(text);
        return std::string(text.view());
    }

    template <class Stream>
    friend auto operator<<(Stream& out, const SuspendedFunction& function) -> decltype(out << std::string_view()) {
        base::Text text;
        function.appendTo(text);
        return out << text.view();
    }

    // What follows is for the house.
    explicit SuspendedFunction(const promise::Frame& frame) noexcept : stack_(frame.stack()) {}

private:
    void appendTo(base::Text& text) const {
        base::appendPlace(text += "async ", where());
        for (const std::source_location& await : *this) base::appendStackLine(text, await, true);
    }

    base::StackTrace stack_;
};

template <class>
auto EventLoop::pending() const {
    assertHome();
    std::vector<const promise::Frame*> functions;
    std::vector<const promise::Frame*> awaiting; // are shown above the one they await
    pending_.waiting.forEach([&](const loop::Waiting& waiting) {
        const promise::Frame* function = promise::Frame::from(&waiting);
        if (!function || function == base::thread.running) return;
        if (!function->state()) return; // a generator that nobody has asked for more
        functions.push_back(function);
        if (const promise::Frame* awaiter = function->awaiter()) awaiting.push_back(awaiter);
    });
    std::sort(awaiting.begin(), awaiting.end());
    std::vector<SuspendedFunction> pictures;
    for (const promise::Frame* function : functions) {
        if (!std::binary_search(awaiting.begin(), awaiting.end(), function)) pictures.emplace_back(*function);
    }
    return pictures;
}

}
