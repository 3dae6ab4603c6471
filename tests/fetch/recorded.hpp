// SPDX-License-Identifier: MIT
#pragma once

#include "support/journal.hpp"

#include <rondo/fetch/detail/exchange.hpp>
#include <rondo/fetch/fetch_options.hpp>
#include <rondo/promise.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// An exchange that keeps what it is told, and reads on unless it is told not to.
class Recorded final : public rondo::network::Exchange {
public:
    rondo::network::ResponseHead head;
    std::string body;
    std::exception_ptr error;
    Journal log;
    std::size_t largestPiece = 0;
    bool readsOn = true;
    std::function<void()> onHead = [] {};
    std::function<void()> onBytes = [] {};
    std::function<void()> onEnd = [] {};
    std::function<void()> onBodyWanted = [] {};

    /// What the header is; "-" if there is none.
    std::string header(std::string_view name) const {
        for (const auto& line : head.headers) {
            if (line.name.size() != name.size()) continue;
            bool same = true;
            for (std::size_t i = 0; i < name.size(); ++i)
                same = same && std::tolower(line.name[i]) == std::tolower(name[i]);
            if (same) return line.value;
        }
        return "-";
    }

    /// The message of the error, and that of its cause.
    std::string failure() const {
        if (!error) return "none";
        try {
            std::rethrow_exception(error);
        } catch (const rondo::TypeError& e) {
            return std::string(e.message()) + ": " + (e.cause() ? rondo::base::describe(e.cause()) : "no cause");
        } catch (...) {
            return "no TypeError";
        }
    }
    /// libcurl's code of the cause; 0 if there is none.
    int code() const {
        try {
            if (error) std::rethrow_exception(error);
        } catch (const rondo::TypeError& e) {
            try {
                if (e.cause()) std::rethrow_exception(e.cause());
            } catch (const rondo::FetchError& cause) {
                return cause.code();
            } catch (...) {}
        } catch (...) {}
        return 0;
    }

private:
    void headComes(rondo::network::ResponseHead it) noexcept override {
        head = std::move(it);
        log("head");
        if (readsOn) read();
        const auto call = onHead; // it may destroy this
        call();
    }
    void bytesCome(rondo::Uint8Array bytes) noexcept override {
        if (body.empty()) log("bytes");
        body += bytes.text();
        largestPiece = bytes.length() > largestPiece ? bytes.length() : largestPiece;
        if (readsOn) read();
        const auto call = onBytes;
        call();
    }
    void ends() noexcept override {
        log("end");
        const auto call = onEnd;
        call();
    }
    void fails(std::exception_ptr reason) noexcept override {
        error = std::move(reason);
        log("error");
        const auto call = onEnd;
        call();
    }
    void bodyIsWanted() noexcept override {
        const auto call = onBodyWanted;
        call();
    }
};

/// Makes one exchange on a loop, which ends by itself then.
inline void exchangeOn(rondo::EventLoop& loop, Recorded& exchange, rondo::network::RequestMessage message) {
    loop.run([&] { exchange.start(std::move(message)); });
}

/// A body of bytes.
inline rondo::network::RequestMessage with(std::string body, std::string method, std::string url) {
    rondo::network::RequestMessage message;
    message.method = std::move(method);
    message.url = std::move(url);
    message.bodyKind = rondo::network::BodyKind::bytes;
    message.body = std::make_shared<const rondo::Uint8Array>(std::move(body));
    return message;
}
