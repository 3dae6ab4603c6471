// SPDX-License-Identifier: MIT
#pragma once

#include "support/async_test.hpp"
#include "support/journal.hpp"

#include <rondo/streams.hpp>

#include <exception>
#include <optional>
#include <string>
#include <utility>

// What the tests of streams share.

namespace wpt {

using namespace rondo;

/// All microtasks run before it is fulfilled.
inline Promise<> flush() {
    return Promise<>([](auto resolve) { EventLoop::current().post([resolve] { resolve(); }); });
}

/// What a reason is: the name of an `Error` if it is not plain, else its message, or a text.
inline std::string said(const std::exception_ptr& reason) {
    if (!reason) return "none";
    try {
        std::rethrow_exception(reason);
    } catch (const Error& error) {
        return std::string(error.name() == "Error" ? error.message() : error.name());
    } catch (std::nullptr_t) { // before all pointers
        return "undefined";
    } catch (const char* text) {
        return text;
    } catch (...) {
        return "?";
    }
}

/// Logs `name`, or `name` and the reason, when the promise is settled.
template <class T>
void note(Journal& log, const char* name, const Promise<T>& promise) {
    promise.then([&log, name] { log(name); },
                 [&log, name](std::exception_ptr reason) { log(name, ":", said(reason)); });
}

/// How a promise was settled: "ok", or the reason.
template <class T>
Promise<std::string> outcome(Promise<T> promise) {
    const auto settled = co_await promise.settled();
    co_return settled.fulfilled() ? "ok" : said(settled.reason());
}

/// A promise to be settled by the test.
template <class T = void>
class Gate {
public:
    Promise<T> operator()() { return made_.emplace(Promise<T>::withResolvers()).promise; }
    void open() { made_->resolve(); }
    template <class E>
    void fail(E&& reason) {
        made_->reject(std::forward<E>(reason));
    }
    bool asked() const { return made_.has_value(); }

private:
    std::optional<PromiseWithResolvers<T>> made_;
};

/// A sink that logs what it is told.
inline UnderlyingSink<std::string> recordingSink(Journal& log) {
    return {.start = {},
            .write = [&log](const std::string& chunk) { log("write:", chunk); },
            .close = [&log] { log("close"); },
            .abort = [&log](const std::exception_ptr& reason) { log("abort:", said(reason)); }};
}

}
