// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/ascii.hpp>
#include <rondo/base/utf8.hpp>
#include <rondo/http/url_record.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rondo::http {

/// The states of the basic URL parser.
enum class UrlState : std::uint8_t {
    schemeStart,
    scheme,
    noScheme,
    specialRelativeOrAuthority,
    pathOrAuthority,
    relative,
    relativeSlash,
    specialAuthoritySlashes,
    specialAuthorityIgnoreSlashes,
    authority,
    host,
    hostname,
    port,
    file,
    fileSlash,
    fileHost,
    pathStart,
    path,
    opaquePath,
    query,
    fragment,
};

/// The basic URL parser. https://url.spec.whatwg.org/#concept-basic-url-parser
///
/// The machine; what it does in each state is in url_parser.hpp. Its states are members of the names that they have there. It goes by bytes: what is not ASCII is only ever copied or
/// percent-encoded, so it does not matter how many bytes a character has.
class UrlMachine {
public:
    /// See `parseUrl` and `changeUrl`.
    static std::optional<UrlRecord> parse(std::string_view text, const UrlRecord* base, UrlFault& fault);
    static void change(UrlRecord& url, std::string_view text, UrlState part);

private:
    enum class Step : std::uint8_t { next, done, fail };

    static constexpr int end = -1; // the EOF code point

    UrlMachine(std::string_view text, UrlRecord& url)
        : input_(base::wellFormed(text)), url_(url), special_(url.isSpecial()) {
        std::size_t kept = 0;
        for (const char c : input_) {
            if (c != '\t' && c != '\n' && c != '\r') input_[kept++] = c;
        }
        input_.resize(kept);
    }

    Step go(UrlState state) {
        state_ = state;
        return Step::next;
    }
    /// As `go`, but the next state sees the same character.
    Step goBack(UrlState state) {
        --at_; // at the start it wraps, and wraps back
        return go(state);
    }
    Step fail(UrlFault fault) {
        fault_ = fault;
        return Step::fail;
    }

    std::string_view remaining() const noexcept { return std::string_view(input_).substr(at_ + 1); }
    std::string_view fromHere() const noexcept {
        return std::string_view(input_).substr(at_ < input_.size() ? at_ : input_.size());
    }
    /// Whether `c` ends a host and a path's segment: "/", and with special schemes "\".
    bool isSlash(int c) const noexcept { return c == '/' || (c == '\\' && special_); }
    bool endsAuthority(int c) const noexcept { return c == end || c == '?' || c == '#' || isSlash(c); }

    Step beginQuery() {
        url_.query.emplace();
        return go(UrlState::query);
    }
    Step beginFragment() {
        url_.fragment.emplace();
        return go(UrlState::fragment);
    }
    void setScheme(const std::string& scheme) {
        url_.scheme = scheme;
        special_ = url_.isSpecial();
    }
    void copyAuthority(const UrlRecord& from) {
        url_.username = from.username;
        url_.password = from.password;
        url_.host = from.host;
        url_.port = from.port;
    }

    Step run(UrlState first);
    Step take(int c);

    Step schemeStart(int c);
    Step scheme(int c);
    Step noScheme(int c);
    Step specialRelativeOrAuthority(int c);
    Step pathOrAuthority(int c);
    Step relative(int c);
    Step relativeSlash(int c);
    Step specialAuthoritySlashes(int c);
    Step specialAuthorityIgnoreSlashes(int c);
    Step authority(int c);
    Step host(int c);
    Step port(int c);
    Step file(int c);
    Step fileSlash(int c);
    Step fileHost(int c);
    Step pathStart(int c);
    Step path(int c);
    Step opaquePath(int c);
    Step query(int c);
    Step fragment(int c);

    std::string input_;
    UrlRecord& url_;
    const UrlRecord* base_ = nullptr;
    std::string buffer_;
    std::size_t at_ = 0;
    UrlState state_ = UrlState::schemeStart;
    UrlFault fault_ = UrlFault::none;
    bool special_;            // the scheme is
    bool overridden_ = false; // only a part is changed
    bool hostnameOnly_ = false;
    bool atSignSeen_ = false;
    bool insideBrackets_ = false;
    bool passwordTokenSeen_ = false;
};

}
