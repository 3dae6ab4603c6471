// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/async_stack.hpp>
#include <rondo/base/config.hpp>

#include <array>
#include <cstddef>
#include <exception>
#include <memory>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rondo {

/// What is thrown when something goes wrong; the base of all errors of the library.
/// https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/Error
///
/// It captures where it was made and up to ten awaits above, in place. Copying it never throws. Derive from it
/// and override `name()` for an error of your own.
///
/// Unlike the Web: the cause is a `std::exception_ptr`, and an argument rather than an option.
class Error : public std::exception {
public:
    explicit Error(std::string_view message = {}, std::exception_ptr cause = nullptr,
                   const std::source_location& where = std::source_location::current())
        : message_(message), cause_(std::move(cause)), trace_(where) {}

    virtual std::string_view name() const noexcept { return "Error"; }
    std::string_view message() const noexcept { return message_.view(); }
    const std::exception_ptr& cause() const noexcept { return cause_; }

    /// `name: message`, then a line for the place it was made at and for each await above it.
    std::string stack() const {
        base::Text text;
        describe(text);
        if (trace_.captured()) base::appendStackLine(text, trace_.where(), trace_.inAsyncFunction());
        for (const std::source_location& where : trace_) base::appendStackLine(text, where, true);
        return std::string(text.view());
    }

    /// `name: message`, or only the one that is not empty.
    std::string toString() const {
        base::Text text;
        describe(text);
        return std::string(text.view());
    }
    [[gnu::cold]] void describe(base::Text& text) const {
        text += name();
        if (!name().empty() && !message().empty()) text += ": ";
        text += message();
    }

    /// The message.
    const char* what() const noexcept override { return message_.c_str(); }

    const base::StackTrace& trace() const noexcept { return trace_; }

private:
    base::SharedText message_;
    std::exception_ptr cause_;
    base::StackTrace trace_;
};

/// A value is not of the kind an operation expects.
/// https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/TypeError
class TypeError : public Error {
public:
    explicit TypeError(std::string_view message = {}, std::exception_ptr cause = nullptr,
                       const std::source_location& where = std::source_location::current())
        : Error(message, std::move(cause), where) {}
    std::string_view name() const noexcept override { return "TypeError"; }
};

/// A value is not in the range an operation allows.
/// https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/RangeError
class RangeError : public Error {
public:
    explicit RangeError(std::string_view message = {}, std::exception_ptr cause = nullptr,
                        const std::source_location& where = std::source_location::current())
        : Error(message, std::move(cause), where) {}
    std::string_view name() const noexcept override { return "RangeError"; }
};

/// A name, or an object, that can no longer be used.
/// https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/ReferenceError
class ReferenceError : public Error {
public:
    explicit ReferenceError(std::string_view message = {}, std::exception_ptr cause = nullptr,
                            const std::source_location& where = std::source_location::current())
        : Error(message, std::move(cause), where) {}
    std::string_view name() const noexcept override { return "ReferenceError"; }
};

/// Several errors in one: what `Promise<>::any` rejects with when every element is rejected.
/// https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/AggregateError
class AggregateError : public Error {
public:
    explicit AggregateError(std::vector<std::exception_ptr> errors, std::string_view message = {},
                            std::exception_ptr cause = nullptr,
                            const std::source_location& where = std::source_location::current())
        : Error(message, std::move(cause), where),
          errors_(new const std::vector<std::exception_ptr>(std::move(errors))) {}
    std::string_view name() const noexcept override { return "AggregateError"; }

    /// In the order of the inputs.
    const std::vector<std::exception_ptr>& errors() const noexcept { return *errors_; }

private:
    std::shared_ptr<const std::vector<std::exception_ptr>> errors_;
};

/// An error that another one, thrown while cleaning up after it, would have hidden.
/// https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/SuppressedError
class SuppressedError : public Error {
public:
    SuppressedError(std::exception_ptr error, std::exception_ptr suppressed, std::string_view message = {},
                    const std::source_location& where = std::source_location::current())
        : Error(message, nullptr, where), error_(std::move(error)), suppressed_(std::move(suppressed)) {}
    std::string_view name() const noexcept override { return "SuppressedError"; }

    const std::exception_ptr& error() const noexcept { return error_; }
    const std::exception_ptr& suppressed() const noexcept { return suppressed_; }

private:
    std::exception_ptr error_;
    std::exception_ptr suppressed_;
};

/// An error of a Web API, told by its name: "AbortError", "TimeoutError", "InvalidStateError", …
/// https://developer.mozilla.org/docs/Web/API/DOMException
class DOMException : public Error {
public:
    explicit DOMException(std::string_view message = {}, std::string_view name = "Error",
                          const std::source_location& where = std::source_location::current())
        : Error(message, nullptr, where), name_(name) {}

    std::string_view name() const noexcept override { return name_.view(); }

    /// The legacy code of the name, 0 for a name that has none.
    int code() const noexcept {
        static constexpr const char* names[] = {
            // in the order of their codes; some codes are no longer used
            nullptr,
            "IndexSizeError",
            nullptr,
            "HierarchyRequestError",
            "WrongDocumentError",
            "InvalidCharacterError",
            nullptr,
            "NoModificationAllowedError",
            "NotFoundError",
            "NotSupportedError",
            "InUseAttributeError",
            "InvalidStateError",
            "SyntaxError",
            "InvalidModificationError",
            "NamespaceError",
            "InvalidAccessError",
            nullptr,
            "TypeMismatchError",
            "SecurityError",
            "NetworkError",
            "AbortError",
            "URLMismatchError",
            "QuotaExceededError",
            "TimeoutError",
            "InvalidNodeTypeError",
            "DataCloneError",
        };
        int code = 0;
        for (const char* known : names) {
            if (known && known == name()) return code;
            ++code;
        }
        return 0;
    }

private:
    base::SharedText name_;
};

namespace base {

/// `name: message` of a reason; for a `std::exception` its `what()`, for a string the string.
[[gnu::cold]] inline void describe(Text& text, const std::exception_ptr& reason) {
    if (!reason) {
        text += "undefined";
        return;
    }
    try {
        std::rethrow_exception(reason);
    } catch (const Error& error) {
        error.describe(text);
    } catch (const std::exception& error) {
        text += viewOf(error.what());
    } catch (const std::string& string) {
        text += std::string_view(string);
    } catch (std::string_view string) {
        text += string;
    } catch (std::nullptr_t) { // before the pointers, which would catch it, too
        text += "null";
    } catch (const char* string) {
        text += viewOf(string);
    } catch (int number) {
        text.appendNumber(number);
    } catch (...) {
        text += "an exception of unknown type";
    }
}

/// The errors that an error stands for, a line each; and those that these stand for.
[[gnu::cold]] inline void appendParts(Text& text, const Error& error) {
    const auto append = [&text](std::string_view label, const std::exception_ptr& part) {
        describe(text += label, part);
        try {
            if (part) std::rethrow_exception(part);
        } catch (const Error& inner) {
            appendParts(text, inner);
        } catch (...) { // it has no parts
        }
    };
    if (const auto* aggregate = dynamic_cast<const AggregateError*>(&error)) {
        for (const std::exception_ptr& part : aggregate->errors()) append("\n  [error]: ", part);
    } else if (const auto* suppressed = dynamic_cast<const SuppressedError*>(&error)) {
        append("\n  [error]: ", suppressed->error());
        append("\n  [suppressed]: ", suppressed->suppressed());
    }
}

/// What is printed for a reason that nobody caught: its description, where an `Error` was made, the awaits that were
/// above it then or, if these are more, the awaits it was thrown through; and its causes.
[[gnu::cold]] inline void describeWithStack(Text& text, const std::exception_ptr& reason,
                                            const Trail* trail = nullptr) {
    describe(text, reason);
    std::array<std::source_location, StackTrace::depth> awaits;
    std::size_t first = 0;
    const std::size_t count = Trail::awaits(trail, awaits);
    std::exception_ptr cause;
    try {
        if (reason) std::rethrow_exception(reason);
    } catch (const Error& error) {
        const StackTrace& trace = error.trace();
        const auto captured = static_cast<std::size_t>(trace.end() - trace.begin());
        const bool leftHere = count > 0 && shortFunctionName(awaits[0].function_name()) ==
                                               shortFunctionName(trace.where().function_name());
        if (trace.captured()) appendStackLine(text, trace.where(), leftHere || trace.inAsyncFunction());
        if (leftHere) first = 1;        // where it was made says more than where the function was left
        if (captured > count - first) { // the capture saw more than the reason went through
            for (const std::source_location& where : trace) appendStackLine(text, where, true);
            first = count;
        }
        cause = error.cause();
        appendParts(text, error);
    } catch (...) { // nothing was captured: the trail is all there is
    }
    for (std::size_t i = first; i < count; ++i) appendStackLine(text, awaits[i], true);
    if (cause) describeWithStack(text += "\n  [cause]: ", cause);
}

inline std::string describe(const std::exception_ptr& reason) {
    Text text;
    describe(text, reason);
    return std::string(text.view());
}

inline std::string describeWithStack(const std::exception_ptr& reason, const Trail* trail = nullptr) {
    Text text;
    describeWithStack(text, reason, trail);
    return std::string(text.view());
}

}

}
