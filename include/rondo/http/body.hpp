// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/counted_ref.hpp>
#include <rondo/base/error.hpp>
#include <rondo/base/memory.hpp>
#include <rondo/base/utf8.hpp>
#include <rondo/http/body_reader.hpp>
#include <rondo/http/body_state.hpp>
#include <rondo/http/headers.hpp>
#include <rondo/http/json.hpp>
#include <rondo/promise/promise.hpp>

#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace rondo {

namespace http {

/// What a `Request` or a `Response` stands for, as far as they are alike.
class Message : public base::Counted<Message>, public base::Pooled {
public:
    virtual ~Message() = default;

    Headers headers;
    BodyState body;

protected:
    Message() noexcept = default;
    Message(HeaderList list, bool immutable) noexcept : headers(std::move(list), immutable) {}
};

/// https://encoding.spec.whatwg.org/#utf-8-decode
inline std::string decodedUtf8(std::string bytes) {
    if (bytes.starts_with("\xef\xbb\xbf")) bytes.erase(0, 3);
    return base::wellFormed(std::move(bytes));
}

/// What `Request` and `Response` have in common: a body, which is read once.
/// https://developer.mozilla.org/docs/Web/API/Response#instance_methods
///
/// A body that is there is given at once, by a promise that is fulfilled; one that comes is read to its end first. The
/// promise is rejected with a `TypeError` if the body has been read from, or is locked to a reader; and with what the
/// stream was errored with. It keeps what it needs: what has the body may be dropped meanwhile. When nobody is left who could
/// end the stream it is collected.
///
/// Unlike the Web: there are no `blob()` and no `formData()`; `bytes()` is `arrayBuffer()`, too. Between the last byte and
/// the promise there is no task.
class Body {
public:
    /// Nothing, if there is no body: so it is with a response to HEAD, a 204 or a 304. Then `value()` throws, and `*` is
    /// undefined. https://developer.mozilla.org/docs/Web/API/Response/body
    std::optional<ReadableStream<Uint8Array>> body() const {
        if (message_->body.isNull()) return std::nullopt;
        return message_->body.stream();
    }

    /// Whether somebody has read from it. https://developer.mozilla.org/docs/Web/API/Response/bodyUsed
    bool bodyUsed() const noexcept { return message_->body.disturbed(); }

    /// https://developer.mozilla.org/docs/Web/API/Response/bytes
    Promise<Uint8Array> bytes() const {
        return consume<Uint8Array>([](http::Collected&& bytes) { return std::move(bytes).bytes(); });
    }

    /// Decoded as UTF-8, without a byte order mark, and with U+FFFD for what is none.
    /// https://developer.mozilla.org/docs/Web/API/Response/text
    Promise<std::string> text() const {
        return consume<std::string>([](http::Collected&& bytes) { return http::decodedUtf8(std::move(bytes).text()); });
    }

    /// What the body says in JSON; see `JsonType` for how a type is read. Rejected with what reading it throws.
    /// https://developer.mozilla.org/docs/Web/API/Response/json
    template <class T = void>
    Promise<T> json() const {
        static_assert(!std::is_void_v<T>, "json() is told what it reads: json<User>(), say, or json<nlohmann::json>()");
        if constexpr (!std::is_void_v<T>) {
            return consume<T>(
                [](http::Collected&& bytes) { return http::readJson<T>(http::decodedUtf8(std::move(bytes).text())); });
        } else {
            return Promise<>::resolve(); // or there would be a second error
        }
    }

protected:
    explicit Body(base::CountedRef<http::Message> message) noexcept : message_(std::move(message)) {}

    http::Message& message() const noexcept { return *message_; }

    void refuseUnusable(const char* what) const {
        if (message_->body.unusable()) throw TypeError(what);
    }

private:
    template <class T, class Convert>
    Promise<T> consume(Convert convert) const {
        http::BodyState& body = message_->body;
        if (body.unusable())
            return Promise<T>::reject(TypeError("the body has been read already, or somebody reads it; clone() first"));
        if (body.isStream()) return http::ConvertingReader<T, Convert>::read(body.stream(), std::move(convert));
        auto resolvers = Promise<T>::withResolvers();
        try {
            resolvers.resolve(convert(http::Collected(body.isNull() ? Uint8Array() : body.takeBytes())));
        } catch (...) {
            resolvers.reject(std::current_exception());
        }
        return std::move(resolvers.promise);
    }

    base::CountedRef<http::Message> message_;
};

}

}
