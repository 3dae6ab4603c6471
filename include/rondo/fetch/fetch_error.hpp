// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/error.hpp>

#include <source_location>
#include <string_view>

namespace rondo {

/// Why a request has failed, as libcurl tells it: the cause of the `TypeError` that `fetch` rejects with.
///
/// The message is a sentence for people. Programs look at the code.
///
/// Unlike the Web: there a page is not told why.
class FetchError : public Error {
public:
    FetchError(int code, std::string_view message, const std::source_location& where = std::source_location::current())
        : Error(message, nullptr, where), code_(code) {}

    std::string_view name() const noexcept override { return "FetchError"; }

    /// A `CURLcode`: 6 if the host's name could not be resolved, 7 if nobody listens there, 28 if it took too long, 60 if
    /// the certificate is not to be trusted. https://curl.se/libcurl/c/libcurl-errors.html
    int code() const noexcept { return code_; }

private:
    int code_;
};

}
