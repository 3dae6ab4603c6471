// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/ascii.hpp>
#include <rondo/http/host_parser.hpp>
#include <rondo/http/percent_encoding.hpp>
#include <rondo/http/url_machine.hpp>
#include <rondo/http/url_record.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace rondo::http {

inline UrlMachine::Step UrlMachine::schemeStart(int c) {
    if (c != end && base::isAlpha(static_cast<char>(c))) {
        buffer_ += base::toLower(static_cast<char>(c));
        return go(UrlState::scheme);
    }
    return overridden_ ? fail(UrlFault::scheme) : goBack(UrlState::noScheme);
}

inline UrlMachine::Step UrlMachine::scheme(int c) {
    const char letter = static_cast<char>(c);
    if (c != end && (base::isAlphanumeric(letter) || c == '+' || c == '-' || c == '.')) {
        buffer_ += base::toLower(letter);
        return Step::next;
    }
    if (c != ':') {
        if (overridden_) return fail(UrlFault::scheme);
        buffer_.clear();
        at_ = static_cast<std::size_t>(-1); // from the start
        return go(UrlState::noScheme);
    }
    if (overridden_) {
        if (special_ != UrlRecord::isSpecial(buffer_)) return Step::done;
        if (buffer_ == "file" && (url_.includesCredentials() || url_.port)) return Step::done;
        if (url_.scheme == "file" && url_.host && url_.host->empty()) return Step::done;
        setScheme(buffer_);
        if (url_.port == UrlRecord::defaultPortOf(url_.scheme)) url_.port.reset();
        return Step::done;
    }
    setScheme(buffer_);
    buffer_.clear();
    if (url_.scheme == "file") return go(UrlState::file);
    if (special_) {
        return go(base_ && base_->scheme == url_.scheme ? UrlState::specialRelativeOrAuthority
                                                        : UrlState::specialAuthoritySlashes);
    }
    if (remaining().starts_with('/')) {
        ++at_;
        return go(UrlState::pathOrAuthority);
    }
    url_.path.clear();
    url_.pathIsOpaque = true;
    return go(UrlState::opaquePath);
}

inline UrlMachine::Step UrlMachine::noScheme(int c) {
    if (!base_ || (base_->pathIsOpaque && c != '#')) return fail(UrlFault::noBase);
    if (base_->pathIsOpaque) {
        setScheme(base_->scheme);
        url_.path = base_->path;
        url_.pathIsOpaque = true;
        url_.query = base_->query;
        return beginFragment();
    }
    return goBack(base_->scheme == "file" ? UrlState::file : UrlState::relative);
}

inline UrlMachine::Step UrlMachine::specialRelativeOrAuthority(int c) {
    if (c != '/' || !remaining().starts_with('/')) return goBack(UrlState::relative);
    ++at_;
    return go(UrlState::specialAuthorityIgnoreSlashes);
}

inline UrlMachine::Step UrlMachine::pathOrAuthority(int c) {
    return c == '/' ? go(UrlState::authority) : goBack(UrlState::path);
}

inline UrlMachine::Step UrlMachine::relative(int c) {
    setScheme(base_->scheme);
    if (isSlash(c)) return go(UrlState::relativeSlash);
    copyAuthority(*base_);
    url_.path = base_->path;
    url_.query = base_->query;
    if (c == '?') return beginQuery();
    if (c == '#') return beginFragment();
    if (c == end) return Step::next;
    url_.query.reset();
    url_.shortenPath();
    return goBack(UrlState::path);
}

inline UrlMachine::Step UrlMachine::relativeSlash(int c) {
    if (isSlash(c)) return go(special_ ? UrlState::specialAuthorityIgnoreSlashes : UrlState::authority);
    copyAuthority(*base_);
    return goBack(UrlState::path);
}

inline UrlMachine::Step UrlMachine::specialAuthoritySlashes(int c) {
    if (c != '/' || !remaining().starts_with('/')) return goBack(UrlState::specialAuthorityIgnoreSlashes);
    ++at_;
    return go(UrlState::specialAuthorityIgnoreSlashes);
}

inline UrlMachine::Step UrlMachine::specialAuthorityIgnoreSlashes(int c) {
    return c == '/' || c == '\\' ? Step::next : goBack(UrlState::authority);
}

inline UrlMachine::Step UrlMachine::authority(int c) {
    if (c == '@') {
        if (atSignSeen_) buffer_.insert(0, "%40");
        atSignSeen_ = true;
        for (const char letter : buffer_) {
            if (letter == ':' && !passwordTokenSeen_) {
                passwordTokenSeen_ = true;
            } else {
                appendEncoded(passwordTokenSeen_ ? url_.password : url_.username, letter, userinfoSet);
            }
        }
        buffer_.clear();
        return Step::next;
    }
    if (!endsAuthority(c)) {
        const std::string_view rest = fromHere();
        std::size_t length = 1;
        while (length < rest.size() && rest[length] != '@' && !endsAuthority(rest[length])) ++length;
        buffer_ += rest.substr(0, length);
        at_ += length - 1;
        return Step::next;
    }
    if (atSignSeen_ && buffer_.empty()) return fail(UrlFault::noHost);
    at_ -= buffer_.size() + 1;
    buffer_.clear();
    return go(UrlState::host);
}

inline UrlMachine::Step UrlMachine::host(int c) {
    if (overridden_ && url_.scheme == "file") return goBack(UrlState::fileHost);
    if (c == ':' && !insideBrackets_) {
        if (buffer_.empty()) return fail(UrlFault::noHost);
        if (hostnameOnly_) return fail(UrlFault::host);
        auto host = parseHost(buffer_, !special_, fault_);
        if (!host) return Step::fail;
        url_.host = std::move(host);
        buffer_.clear();
        return go(UrlState::port);
    }
    if (!endsAuthority(c)) {
        if (c == '[') insideBrackets_ = true;
        if (c == ']') insideBrackets_ = false;
        buffer_ += static_cast<char>(c);
        return Step::next;
    }
    if (special_ && buffer_.empty()) return fail(UrlFault::noHost);
    if (overridden_ && buffer_.empty() && (url_.includesCredentials() || url_.port)) return fail(UrlFault::noHost);
    auto host = parseHost(buffer_, !special_, fault_);
    if (!host) return Step::fail;
    url_.host = std::move(host);
    buffer_.clear();
    return overridden_ ? Step::done : goBack(UrlState::pathStart);
}

inline UrlMachine::Step UrlMachine::port(int c) {
    if (c != end && base::isDigit(static_cast<char>(c))) {
        buffer_ += static_cast<char>(c);
        return Step::next;
    }
    if (!endsAuthority(c) && !overridden_) return fail(UrlFault::port);
    if (!buffer_.empty()) {
        unsigned port = 0;
        for (const char digit : buffer_) {
            port = port * 10 + base::hexValue(digit);
            if (port > 0xffff) return fail(UrlFault::port);
        }
        url_.port = static_cast<std::uint16_t>(port);
        if (url_.port == UrlRecord::defaultPortOf(url_.scheme)) url_.port.reset();
        buffer_.clear();
        if (overridden_) return Step::done;
    }
    return overridden_ ? fail(UrlFault::port) : goBack(UrlState::pathStart);
}

inline UrlMachine::Step UrlMachine::file(int c) {
    setScheme("file");
    url_.host.emplace();
    if (c == '/' || c == '\\') return go(UrlState::fileSlash);
    if (!base_ || base_->scheme != "file") return goBack(UrlState::path);
    url_.host = base_->host;
    url_.path = base_->path;
    url_.query = base_->query;
    if (c == '?') return beginQuery();
    if (c == '#') return beginFragment();
    if (c == end) return Step::next;
    url_.query.reset();
    UrlRecord::startsWithDriveLetter(fromHere()) ? url_.path.clear() : url_.shortenPath();
    return goBack(UrlState::path);
}

inline UrlMachine::Step UrlMachine::fileSlash(int c) {
    if (c == '/' || c == '\\') return go(UrlState::fileHost);
    if (base_ && base_->scheme == "file") {
        url_.host = base_->host;
        const std::string_view first = std::string_view(base_->path).substr(0, base_->path.find('/', 1));
        if (!UrlRecord::startsWithDriveLetter(fromHere()) && !first.empty() &&
            UrlRecord::isNormalizedDriveLetter(first.substr(1))) {
            url_.path += first;
        }
    }
    return goBack(UrlState::path);
}

inline UrlMachine::Step UrlMachine::fileHost(int c) {
    if (c != end && c != '/' && c != '\\' && c != '?' && c != '#') {
        buffer_ += static_cast<char>(c);
        return Step::next;
    }
    // What looks like a drive is the path's; the buffer is taken along.
    if (!overridden_ && UrlRecord::isDriveLetter(buffer_)) return goBack(UrlState::path);
    if (buffer_.empty()) {
        url_.host.emplace();
    } else {
        auto host = parseHost(buffer_, !special_, fault_);
        if (!host) return Step::fail;
        if (*host == "localhost") host->clear();
        url_.host = std::move(host);
    }
    buffer_.clear();
    return overridden_ ? Step::done : goBack(UrlState::pathStart);
}

inline UrlMachine::Step UrlMachine::pathStart(int c) {
    if (special_) return isSlash(c) ? go(UrlState::path) : goBack(UrlState::path);
    if (!overridden_ && c == '?') return beginQuery();
    if (!overridden_ && c == '#') return beginFragment();
    if (c != end) return c == '/' ? go(UrlState::path) : goBack(UrlState::path);
    if (overridden_ && !url_.host) url_.path += '/';
    return Step::next;
}

inline UrlMachine::Step UrlMachine::path(int c) {
    const bool ends = c == end || isSlash(c) || (!overridden_ && (c == '?' || c == '#'));
    if (!ends) {
        const std::string_view rest = fromHere();
        std::size_t length = 1; // as far as the segment goes
        while (length < rest.size() && !endsAuthority(rest[length])) ++length;
        appendEncoded(buffer_, rest.substr(0, length), pathSet);
        at_ += length - 1;
        return Step::next;
    }
    // "." and "..", where a dot may be written as "%2e"
    std::size_t dots = 0;
    std::string_view left = buffer_;
    while (!left.empty()) {
        const std::size_t dot = left[0] == '.' ? 1 : base::equalsLower(left.substr(0, 3), "%2e") ? 3 : 0;
        if (dot == 0) break;
        left.remove_prefix(dot);
        ++dots;
    }
    if (!left.empty() || dots > 2) dots = 0;
    if (dots == 2) url_.shortenPath();
    if (dots > 0) {
        if (!isSlash(c)) url_.path += '/';
    } else {
        if (url_.scheme == "file" && url_.path.empty() && UrlRecord::isDriveLetter(buffer_)) buffer_[1] = ':';
        url_.path += '/';
        url_.path += buffer_;
    }
    buffer_.clear();
    if (c == '?') return beginQuery();
    if (c == '#') return beginFragment();
    return Step::next;
}

inline UrlMachine::Step UrlMachine::opaquePath(int c) {
    if (c == '?') return beginQuery();
    if (c == '#') return beginFragment();
    if (c == end) return Step::next;
    const std::string_view rest = remaining();
    if (c == ' ' && !rest.empty() && (rest[0] == '?' || rest[0] == '#')) {
        url_.path += "%20"; // or it would be lost with what stands behind it
    } else {
        appendEncoded(url_.path, static_cast<char>(c), c0ControlSet);
    }
    return Step::next;
}

inline UrlMachine::Step UrlMachine::query(int c) {
    if (c == end) return Step::next;
    if (c == '#' && !overridden_) return beginFragment();
    const std::string_view rest = fromHere();
    const std::string_view taken = overridden_ ? rest : rest.substr(0, rest.find('#'));
    appendEncoded(*url_.query, taken, special_ ? specialQuerySet : querySet);
    at_ += taken.size() - 1;
    return Step::next;
}

inline UrlMachine::Step UrlMachine::fragment(int c) {
    if (c == end) return Step::next;
    appendEncoded(*url_.fragment, fromHere(), fragmentSet);
    at_ = input_.size() - 1;
    return Step::next;
}

inline UrlMachine::Step UrlMachine::take(int c) {
    switch (state_) {
    case UrlState::schemeStart: return schemeStart(c);
    case UrlState::scheme: return scheme(c);
    case UrlState::noScheme: return noScheme(c);
    case UrlState::specialRelativeOrAuthority: return specialRelativeOrAuthority(c);
    case UrlState::pathOrAuthority: return pathOrAuthority(c);
    case UrlState::relative: return relative(c);
    case UrlState::relativeSlash: return relativeSlash(c);
    case UrlState::specialAuthoritySlashes: return specialAuthoritySlashes(c);
    case UrlState::specialAuthorityIgnoreSlashes: return specialAuthorityIgnoreSlashes(c);
    case UrlState::authority: return authority(c);
    case UrlState::host:
    case UrlState::hostname: return host(c);
    case UrlState::port: return port(c);
    case UrlState::file: return file(c);
    case UrlState::fileSlash: return fileSlash(c);
    case UrlState::fileHost: return fileHost(c);
    case UrlState::pathStart: return pathStart(c);
    case UrlState::path: return path(c);
    case UrlState::opaquePath: return opaquePath(c);
    case UrlState::query: return query(c);
    case UrlState::fragment: return fragment(c);
    }
    return Step::fail;
}

inline UrlMachine::Step UrlMachine::run(UrlState first) {
    state_ = first;
    for (;; ++at_) {
        const int c = at_ < input_.size() ? static_cast<unsigned char>(input_[at_]) : end;
        const Step step = take(c);
        if (step != Step::next) return step;
        if (at_ == input_.size())
            return Step::done; // unless the state has gone back, and the next one is to see the end
    }
}

inline std::optional<UrlRecord> UrlMachine::parse(std::string_view text, const UrlRecord* base, UrlFault& fault) {
    std::optional<UrlRecord> result(std::in_place);
    UrlMachine machine(base::trimmed(text, [](char c) { return static_cast<unsigned char>(c) <= ' '; }), *result);
    machine.base_ = base;
    if (machine.run(UrlState::schemeStart) == Step::fail) {
        fault = machine.fault_;
        result.reset();
    }
    return result;
}

inline void UrlMachine::change(UrlRecord& url, std::string_view text, UrlState part) {
    UrlMachine machine(text, url);
    machine.overridden_ = true;
    machine.hostnameOnly_ = part == UrlState::hostname;
    machine.run(part);
}

/// What a text means, perhaps relative to another URL; nothing, and why, if it is no URL.
inline std::optional<UrlRecord> parseUrl(std::string_view text, const UrlRecord* base, UrlFault& fault) {
    return UrlMachine::parse(text, base, fault);
}

/// Changes a part of a URL, beginning in the state that stands for it; of a text that is refused it may have changed what
/// comes before the place that it is refused for.
inline void changeUrl(UrlRecord& url, std::string_view text, UrlState part) { UrlMachine::change(url, text, part); }

}
