// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/error.hpp>
#include <rondo/base/text.hpp>
#include <rondo/events/event.hpp>
#include <rondo/promise/any_promise.hpp>

#include <cstdint>
#include <exception>
#include <string_view>
#include <type_traits>
#include <utility>

namespace rondo {

struct ErrorEventInit {
    bool bubbles = false;
    bool cancelable = false;
    bool composed = false;
    std::string_view message = {};
    std::string_view filename = {};
    std::uint_least32_t lineno = 0;
    std::uint_least32_t colno = 0;
};
static_assert(std::is_trivially_destructible_v<ErrorEventInit>);

/// Tells of an error that nobody caught. https://developer.mozilla.org/docs/Web/API/ErrorEvent
///
/// Unlike the Web: the error is a `std::exception_ptr`, and an argument.
class ErrorEvent : public Event {
public:
    explicit ErrorEvent(std::string_view type, std::exception_ptr error = nullptr, const ErrorEventInit& init = {})
        : Event(type, {.bubbles = init.bubbles, .cancelable = init.cancelable, .composed = init.composed}),
          message_(init.message), filename_(init.filename), lineno_(init.lineno), colno_(init.colno),
          error_(std::move(error)) {}

    /// `Uncaught TypeError: no` of what the library reports.
    std::string_view message() const noexcept { return message_.view(); }
    /// Where an `Error` was made; empty and 0 of other exceptions.
    std::string_view filename() const noexcept { return filename_.view(); }
    std::uint_least32_t lineno() const noexcept { return lineno_; }
    std::uint_least32_t colno() const noexcept { return colno_; }
    const std::exception_ptr& error() const noexcept { return error_; }

private:
    base::SharedText message_;
    base::SharedText filename_;
    std::uint_least32_t lineno_;
    std::uint_least32_t colno_;
    std::exception_ptr error_;
};

/// Tells of a promise that was rejected with nobody listening, or that is listened to after all.
/// https://developer.mozilla.org/docs/Web/API/PromiseRejectionEvent
class PromiseRejectionEvent : public Event {
public:
    PromiseRejectionEvent(std::string_view type, AnyPromise promise, std::exception_ptr reason,
                          const EventInit& init = {})
        : Event(type, init), promise_(std::move(promise)), reason_(std::move(reason)) {}

    const AnyPromise& promise() const noexcept { return promise_; }
    const std::exception_ptr& reason() const noexcept { return reason_; }

private:
    AnyPromise promise_;
    std::exception_ptr reason_;
};

}
