// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/error.hpp>
#include <rondo/base/text.hpp>
#include <rondo/http/shown.hpp>
#include <rondo/http/url_parser.hpp>
#include <rondo/http/url_record.hpp>
#include <rondo/http/url_search_params.hpp>

#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace rondo {

/// A URL, and its parts.
/// https://developer.mozilla.org/docs/Web/API/URL
///
/// It reads and writes what browsers do, by the URL Standard. Text is UTF-8, and U+FFFD stands for what is not. A part
/// that is set to something it cannot be stays as it was, and only `href` throws a `TypeError`, and then changes nothing. For want of memory
/// nothing is changed.
///
/// Unlike the Web: a domain with characters that are not ASCII is refused, for what becomes of it takes the tables of
/// Unicode; write it as its "xn--" form. A URL is a value: a copy is another URL, and `==` compares the hrefs. Moving a
/// URL takes its `searchParams()` along. `blob:` URLs lead nowhere.
class URL {
public:
    /// Throws a `TypeError` if it is no URL.
    explicit URL(std::string_view url) : record_(parsed(url, nullptr)) {}
    /// Relative to a base.
    URL(std::string_view url, std::string_view base) : URL(url, URL(base)) {}
    URL(std::string_view url, const URL& base) : record_(parsed(url, &base.record_)) {}

    URL(const URL& other) : record_(other.record_) {}
    URL(URL&& other) noexcept : record_(std::move(other.record_)), searchParams_(std::move(other.searchParams_)) {
        link();
    }
    URL& operator=(const URL& other) {
        commit(http::UrlRecord(other.record_));
        return *this;
    }
    URL& operator=(URL&& other) noexcept {
        record_ = std::move(other.record_);
        searchParams_ = std::move(other.searchParams_);
        link();
        return *this;
    }
    ~URL() = default;

    static bool canParse(std::string_view url) { return tried(url, nullptr).has_value(); }
    static bool canParse(std::string_view url, std::string_view base) {
        const auto parsedBase = tried(base, nullptr);
        return parsedBase && tried(url, &*parsedBase);
    }

    /// Nothing, if it is no URL.
    static std::optional<URL> parse(std::string_view url) { return made(tried(url, nullptr)); }
    static std::optional<URL> parse(std::string_view url, std::string_view base) {
        const auto parsedBase = tried(base, nullptr);
        return parsedBase ? made(tried(url, &*parsedBase)) : std::nullopt;
    }

    std::string href() const { return record_.serialize(); }
    void href(std::string_view value) { commit(parsed(value, nullptr)); }

    /// Scheme, host and port; "null" if that is not what the URL can be trusted by.
    std::string origin() const {
        if (record_.scheme == "blob") {
            const auto inner = tried(record_.path, nullptr);
            const bool isOfWeb = inner && (inner->scheme == "http" || inner->scheme == "https");
            return isOfWeb ? *inner->tupleOrigin() : "null";
        }
        return record_.tupleOrigin().value_or("null");
    }

    /// With its ":".
    std::string protocol() const { return record_.scheme + ":"; }
    void protocol(std::string_view value) { change(std::string(value) += ':', http::UrlState::schemeStart); }

    std::string username() const { return record_.username; }
    void username(std::string_view value) { setCredential(record_.username, value); }
    std::string password() const { return record_.password; }
    void password(std::string_view value) { setCredential(record_.password, value); }

    /// With the port, if it is not the scheme's own.
    std::string host() const {
        std::string output;
        record_.appendHost(output);
        return output;
    }
    void host(std::string_view value) {
        if (!record_.pathIsOpaque) change(value, http::UrlState::host);
    }

    std::string hostname() const { return record_.host.value_or(std::string()); }
    void hostname(std::string_view value) {
        if (!record_.pathIsOpaque) change(value, http::UrlState::hostname);
    }

    /// Empty, if it is the scheme's own.
    std::string port() const {
        char digits[8];
        return record_.port ? std::string(digits, std::to_chars(digits, digits + sizeof digits, *record_.port).ptr)
                            : std::string();
    }
    void port(std::string_view value) {
        if (record_.cannotHaveCredentialsOrPort()) return;
        if (value.empty()) {
            record_.port.reset();
        } else {
            change(value, http::UrlState::port);
        }
    }

    std::string pathname() const { return record_.path; }
    void pathname(std::string_view value) {
        if (record_.pathIsOpaque) return;
        http::UrlRecord changed = record_;
        changed.path.clear();
        http::changeUrl(changed, value, http::UrlState::pathStart);
        record_ = std::move(changed);
    }

    /// With its "?", if there is anything behind it.
    std::string search() const { return prefixed('?', record_.query); }
    void search(std::string_view value) {
        auto params = searchParams_ ? URLSearchParams(value).list_ : URLSearchParams::List();
        setPrefixed('?', &http::UrlRecord::query, value, http::UrlState::query);
        if (searchParams_) searchParams_->list_ = std::move(params);
    }

    /// Those of this URL: what changes them changes it. They live as long as it does; of a temporary URL it is a copy.
    URLSearchParams& searchParams() & {
        makeParams();
        return *searchParams_;
    }
    const URLSearchParams& searchParams() const& {
        makeParams();
        return *searchParams_;
    }
    URLSearchParams searchParams() && { return searchParams(); }

    /// With its "#", if there is anything behind it.
    std::string hash() const { return prefixed('#', record_.fragment); }
    void hash(std::string_view value) { setPrefixed('#', &http::UrlRecord::fragment, value, http::UrlState::fragment); }

    std::string toString() const { return href(); }
    std::string toJSON() const { return href(); }

    /// For what speaks of URLs by their parts.
    const http::UrlRecord& record() const noexcept { return record_; }

    friend bool operator==(const URL& a, const URL& b) noexcept { return a.record_ == b.record_; }

    /// `URL { href: 'https://example.com/', origin: 'https://example.com', ... }`, with all of its parts.
    template <class Stream>
    friend auto operator<<(Stream& out, const URL& url) -> decltype(out << std::string_view()) {
        http::Parts<Stream> parts(out, "URL");
        parts["href"] << http::quoted(url.href());
        parts["origin"] << http::quoted(url.origin());
        parts["protocol"] << http::quoted(url.protocol());
        parts["username"] << http::quoted(url.username());
        parts["password"] << http::quoted(url.password());
        parts["host"] << http::quoted(url.host());
        parts["hostname"] << http::quoted(url.hostname());
        parts["port"] << http::quoted(url.port());
        parts["pathname"] << http::quoted(url.pathname());
        parts["search"] << http::quoted(url.search());
        parts["searchParams"] << url.searchParams();
        parts["hash"] << http::quoted(url.hash());
        return parts.end();
    }

private:
    explicit URL(http::UrlRecord&& record) noexcept : record_(std::move(record)) {}

    static std::optional<http::UrlRecord> tried(std::string_view url, const http::UrlRecord* base) {
        http::UrlFault fault = http::UrlFault::none;
        return http::parseUrl(url, base, fault);
    }
    static std::optional<URL> made(std::optional<http::UrlRecord>&& record) {
        return record ? std::optional(URL(std::move(*record))) : std::nullopt;
    }
    static http::UrlRecord parsed(std::string_view url, const http::UrlRecord* base) {
        http::UrlFault fault = http::UrlFault::none;
        auto record = http::parseUrl(url, base, fault);
        if (!record) refuse(url, fault);
        return std::move(*record);
    }
    [[noreturn, gnu::cold]] static void refuse(std::string_view url, http::UrlFault fault) {
        static constexpr const char* sentences[] = {
            "nothing is known of it",
            "its scheme is not one",
            "it has no scheme, and there is no base URL that it could be relative to",
            "its host has a character in it that no host may have",
            "its host is missing",
            "its domain is not ASCII; write it as its xn-- form",
            "its host is no IPv4 address, and ends in a number",
            "its host is no IPv6 address",
            "its port is no number from 0 to 65535",
        };
        base::Text text;
        ((text += "Invalid URL \"") += url) += "\": ";
        text += base::viewOf(sentences[static_cast<unsigned char>(fault)]);
        throw TypeError(text.view());
    }

    void setCredential(std::string& part, std::string_view value) {
        if (record_.cannotHaveCredentialsOrPort()) return;
        std::string encoded;
        http::appendEncoded(encoded, base::wellFormed(value), http::userinfoSet);
        part = std::move(encoded);
    }

    static std::string prefixed(char prefix, const std::optional<std::string>& part) {
        return part && !part->empty() ? prefix + *part : std::string();
    }
    /// For want of memory nothing is changed, here and elsewhere.
    void change(std::string_view value, http::UrlState part) {
        http::UrlRecord changed = record_;
        http::changeUrl(changed, value, part);
        record_ = std::move(changed);
    }
    void setPrefixed(char prefix, std::optional<std::string> http::UrlRecord::* part, std::string_view value,
                     http::UrlState state) {
        http::UrlRecord changed = record_;
        (changed.*part).reset();
        if (!value.empty()) {
            (changed.*part).emplace();
            if (value.front() == prefix) value.remove_prefix(1);
            http::changeUrl(changed, value, state);
        }
        record_ = std::move(changed);
    }
    void commit(http::UrlRecord&& record) {
        auto params = searchParams_ ? listOf(record) : URLSearchParams::List();
        record_ = std::move(record);
        if (searchParams_) searchParams_->list_ = std::move(params);
    }
    static URLSearchParams::List listOf(const http::UrlRecord& record) {
        return URLSearchParams::parsed(record.query ? *record.query : std::string_view());
    }

    void link() noexcept {
        if (searchParams_) searchParams_->query_ = &record_.query;
    }
    void makeParams() const {
        if (searchParams_) return;
        auto made = std::make_unique<URLSearchParams>();
        made->list_ = listOf(record_);
        made->query_ = const_cast<std::optional<std::string>*>(&record_.query);
        searchParams_ = std::move(made);
    }

    http::UrlRecord record_;
    mutable std::unique_ptr<URLSearchParams> searchParams_; // made when first asked for
};

}
