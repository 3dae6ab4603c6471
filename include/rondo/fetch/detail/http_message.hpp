// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/streams/uint8_array.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rondo::network {

struct HeaderLine {
    std::string name;
    std::string value;
};

enum class BodyKind : std::uint8_t {
    none,
    bytes,  ///< all there is: `RequestMessage::body`
    chunks, ///< as they come: `Exchange::send`
};

/// What is sent. Redirects are not followed, and nothing is cached.
struct RequestMessage {
    std::string method = "GET"; ///< in upper case where it is a standard one
    std::string url = {};       ///< absolute, with the scheme http or https
    std::vector<HeaderLine> headers = {};
    BodyKind bodyKind = BodyKind::none;
    std::shared_ptr<const Uint8Array> body = {}; ///< that many requests may send, also on other threads
    bool cookies = false; ///< those of the jar are sent, and what the server sets is kept; if the loop has one
};

enum class HttpVersion : std::uint8_t { http10, http11, http2 };

/// What comes before a response's body.
struct ResponseHead {
    int status = 0;
    std::string statusText = {};
    std::vector<HeaderLine> headers = {}; ///< in the order of the message, without white space around the values
    HttpVersion version = HttpVersion::http11;
};

/// Makes a head of the lines of a message. Informational responses, 1xx, are passed over, and so are trailers.
class HeadReader {
public:
    static constexpr std::size_t limit = std::size_t{256} * 1024;

    enum class Progress : std::uint8_t { reading, complete, tooLarge };

    /// The next line, with its end. `complete` once, when that of the head is reached.
    Progress read(std::string_view line) {
        if (complete_) return Progress::reading;
        bytes_ += line.size();
        if (bytes_ > limit) return Progress::tooLarge;
        while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
        if (line.empty()) {
            if (head_.status < 200) { // an informational one: the next is another
                head_ = ResponseHead();
                return Progress::reading;
            }
            complete_ = true;
            return Progress::complete;
        }
        if (head_.status == 0) {
            readStatus(line);
            head_.headers.reserve(12);
        } else if (isSpace(line.front())) { // an old way to break a long line
            if (!head_.headers.empty()) head_.headers.back().value.append(" ").append(trimmed(line));
        } else if (const std::size_t colon = line.find(':'); colon != std::string_view::npos) {
            head_.headers.push_back(
                {std::string(trimmed(line.substr(0, colon))), std::string(trimmed(line.substr(colon + 1)))});
        }
        return Progress::reading;
    }

    bool complete() const noexcept { return complete_; }
    ResponseHead take() noexcept { return std::move(head_); }

    /// Without the white space around it.
    static std::string_view trimmed(std::string_view text) noexcept {
        while (!text.empty() && isSpace(text.front())) text.remove_prefix(1);
        while (!text.empty() && isSpace(text.back())) text.remove_suffix(1);
        return text;
    }

private:
    static bool isSpace(char c) noexcept { return c == ' ' || c == '\t'; }
    static bool isDigit(char c) noexcept { return c >= '0' && c <= '9'; }

    /// `HTTP/1.1 200 OK`, as libcurl has found it to be.
    void readStatus(std::string_view line) {
        const std::size_t space = line.find(' ');
        if (space == std::string_view::npos) return;
        const std::string_view version = line.substr(0, space);
        head_.version = version == "HTTP/1.0"              ? HttpVersion::http10
                        : version.substr(0, 6) == "HTTP/2" ? HttpVersion::http2
                                                           : HttpVersion::http11;
        line = trimmed(line.substr(space));
        std::size_t digits = 0;
        while (digits < 3 && digits < line.size() && isDigit(line[digits])) {
            head_.status = head_.status * 10 + (line[digits++] - '0');
        }
        head_.statusText = trimmed(line.substr(digits));
    }

    ResponseHead head_;
    std::size_t bytes_ = 0;
    bool complete_ = false;
};

}
