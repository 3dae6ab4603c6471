// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/text.hpp>
#include <rondo/fwd.hpp>
#include <rondo/streams/uint8_array.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace rondo {

/// What the body of a request or a response may be made of: text, bytes, `URLSearchParams`, a stream of bytes, or
/// `nullptr`. https://developer.mozilla.org/docs/Web/API/Request/Request#body
///
/// It only refers to what it was made of, and is given to a function that takes its bytes before it returns: those of an
/// rvalue are moved, others are copied; a stream is shared. Do not keep it.
///
/// Unlike the Web: text is taken as it is, whatever its encoding. There are no `Blob` and no `FormData`.
class BodyInit {
    template <class X>
    static constexpr bool isBody =
        std::is_convertible_v<const X&, std::string_view> || std::is_convertible_v<const X&, const Uint8Array&> ||
        std::is_convertible_v<const X&, const URLSearchParams&> ||
        std::is_convertible_v<const X&, const ReadableStream<Uint8Array>&> || std::is_null_pointer_v<X>;

public:
    enum class Kind : std::uint8_t { null, text, movedText, bytes, movedBytes, movedVector, params, stream };

    constexpr BodyInit() noexcept = default;
    // NOLINTBEGIN(google-explicit-constructor,hicpp-explicit-conversions): {.body = "text"}
    constexpr BodyInit(std::nullptr_t) noexcept {}
    BodyInit(const char* text) noexcept : BodyInit(base::viewOf(text)) {}
    BodyInit(std::string_view text) noexcept : data_(text.data()), size_(text.size()), kind_(Kind::text) {}
    BodyInit(const std::string& text) noexcept : BodyInit(std::string_view(text)) {}
    BodyInit(std::string&& text) noexcept : data_(&text), kind_(Kind::movedText) {}
    BodyInit(const Uint8Array& bytes) noexcept : data_(&bytes), kind_(Kind::bytes) {}
    BodyInit(Uint8Array&& bytes) noexcept : data_(&bytes), kind_(Kind::movedBytes) {}
    BodyInit(std::vector<std::uint8_t>&& bytes) noexcept : data_(&bytes), kind_(Kind::movedVector) {}
    BodyInit(const URLSearchParams& params) noexcept : data_(&params), kind_(Kind::params) {}
    BodyInit(const ReadableStream<Uint8Array>& stream) noexcept : data_(&stream), kind_(Kind::stream) {}
    template <class X>
        requires(!isBody<X>)
    BodyInit(const X&) noexcept {
        static_assert(isBody<X>, "a body is text, a Uint8Array, a vector of bytes that is moved, URLSearchParams, a "
                                 "ReadableStream<Uint8Array> or nullptr, and something else is written as JSON before");
    }
    // NOLINTEND(google-explicit-constructor,hicpp-explicit-conversions)

    // What follows is for the house.
    Kind kind() const noexcept { return kind_; }
    std::string_view text() const noexcept { return {static_cast<const char*>(data_), size_}; }
    template <class T>
    const T& as() const noexcept {
        return *static_cast<const T*>(data_);
    }
    template <class T>
    T&& moved() const noexcept {
        return std::move(*static_cast<T*>(const_cast<void*>(data_)));
    }

private:
    const void* data_ = nullptr;
    std::size_t size_ = 0;
    Kind kind_ = Kind::null;
};

static_assert(std::is_trivially_destructible_v<BodyInit>); // it stands in option bags

}
