// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/ascii.hpp>
#include <rondo/http/syntax.hpp>
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

/// Makes a head of the lines of a message. Informational responses, 1xx, are passed over, and so are trailers, and headers
/// whose names are no names.
class HeadReader {
public:
    static constexpr std::size_t limit = std::size_t{256} * 1024;

    enum class Progress : std::uint8_t { reading, complete, refused };

    /// The next line, with its end. `complete` once, when that of the head is reached. `refused` if it cannot be trusted;
    /// then it is read no more.
    Progress read(std::string_view line) {
        if (complete_) return Progress::reading;
        bytes_ += line.size();
        if (bytes_ > limit) return refuse("the head of the response is longer than 256 KiB");
        if (!line.empty() && line.back() == '\n') line.remove_suffix(1);
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        if (line.find('\r') != std::string_view::npos)
            return refuse("a line of the response's head has a carriage return in it");
        if (line.empty()) return end();
        if (head_.status == 0) {
            readStatus(line);
            head_.headers.reserve(12);
        } else if (http::isTabOrSpace(line.front())) { // an old way to break a long line
            if (!head_.headers.empty())
                head_.headers.back().value.append(" ").append(base::trimmed(line, http::isTabOrSpace));
        } else if (const std::size_t colon = line.find(':'); colon != std::string_view::npos) {
            const std::string_view name = base::trimmed(line.substr(0, colon), http::isTabOrSpace);
            if (http::isToken(name))
                head_.headers.push_back(
                    {std::string(name), std::string(base::trimmed(line.substr(colon + 1), http::isTabOrSpace))});
        }
        return Progress::reading;
    }

    /// Why the head was refused.
    const char* refusal() const noexcept { return refusal_; }
    bool complete() const noexcept { return complete_; }
    ResponseHead take() noexcept { return std::move(head_); }

private:
    Progress refuse(const char* sentence) noexcept {
        refusal_ = sentence;
        return Progress::refused;
    }

    Progress end() noexcept {
        if (head_.status == 101)
            return refuse("the server has changed to another protocol, which nobody has asked for");
        if (head_.status < 200) { // an informational one: the next is another
            head_ = ResponseHead();
            return Progress::reading;
        }
        if (!agreesOnLength()) return refuse("the response has lengths that differ");
        complete_ = true;
        return Progress::complete;
    }

    /// https://fetch.spec.whatwg.org/#content-length-header
    bool agreesOnLength() const noexcept {
        bool any = false;
        bool differs = false;
        std::string_view agreed;
        for (const HeaderLine& line : head_.headers) {
            if (base::equalsLower(line.name, "transfer-encoding")) return true; // then it says nothing
            if (!base::equalsLower(line.name, "content-length")) continue;
            std::string_view list = line.value;
            for (std::size_t comma = 0; comma != std::string_view::npos; list.remove_prefix(comma + 1)) {
                comma = list.find(',');
                const std::string_view length = base::trimmed(list.substr(0, comma), http::isTabOrSpace);
                if (!std::exchange(any, true)) agreed = length;
                differs = differs || length != agreed;
                if (comma == std::string_view::npos) break;
            }
        }
        return !differs;
    }

    /// `HTTP/1.1 200 OK`, as libcurl has found it to be.
    void readStatus(std::string_view line) {
        const std::size_t space = line.find(' ');
        if (space == std::string_view::npos) return;
        const std::string_view version = line.substr(0, space);
        head_.version = version == "HTTP/1.0"              ? HttpVersion::http10
                        : version.substr(0, 6) == "HTTP/2" ? HttpVersion::http2
                                                           : HttpVersion::http11;
        line = base::trimmed(line.substr(space), http::isTabOrSpace);
        std::size_t digits = 0;
        while (digits < 3 && digits < line.size() && base::isDigit(line[digits])) {
            head_.status = head_.status * 10 + (line[digits++] - '0');
        }
        head_.statusText = base::trimmed(line.substr(digits), http::isTabOrSpace);
    }

    ResponseHead head_;
    std::size_t bytes_ = 0;
    const char* refusal_ = nullptr;
    bool complete_ = false;
};

}
