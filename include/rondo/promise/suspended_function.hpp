// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/async_stack.hpp>
#include <rondo/base/order.hpp>
#include <rondo/loop/event_loop.hpp>
#include <rondo/promise/frame.hpp>

#include <cstddef>
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
    using Function = promise::Frame;
    explicit SuspendedFunction(const Function& frame) noexcept : stack_(frame.stack()) {}

private:
    void appendTo(base::Text& text) const {
        base::appendPlace(text += "async ", where());
        for (const std::source_location& await : *this) base::appendStackLine(text, await, true);
    }

    base::StackTrace stack_;
};

template <class Picture>
auto EventLoop::pending() const {
    using Function = typename Picture::Function;
    assertHome();
    std::vector<const Function*> functions;
    std::vector<const Function*> awaiting; // are shown above the one they await
    pending_.waiting.forEach([&](const loop::Waiting& waiting) {
        const Function* function = Function::from(&waiting);
        if (!function || function == base::thread.running) return;
        if (!function->state()) return; // a generator that nobody has asked for more
        functions.push_back(function);
        if (const Function* awaiter = function->awaiter()) awaiting.push_back(awaiter);
    });
    base::sort(awaiting.data(), awaiting.size());
    std::vector<Picture> pictures;
    for (const Function* function : functions) {
        const std::size_t place = base::lowerBound(awaiting.data(), awaiting.size(), function);
        const bool awaits = place < awaiting.size() && awaiting[place] == function;
        if (!awaits) pictures.emplace_back(*function);
    }
    return pictures;
}

}
