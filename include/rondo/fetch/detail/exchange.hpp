// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/fetch/detail/network.hpp>
#include <rondo/fetch/fetch_error.hpp>
#include <rondo/http/syntax.hpp>

#include <exception>
#include <memory>
#include <source_location>
#include <string_view>
#include <utility>

namespace rondo::network {

/// One request and its response, without redirects: what `fetch` is made of. Whoever derives from it is told what
/// happens, each thing in a task of its own: the head; pieces of the body, of which each must be asked for by `read`; the end,
/// or an error, in the place of what is still missing. After the end, an error or `cancel` nothing comes any more.
///
/// At most `Transfer::budget` bytes of the body wait to be read; then the network waits. What libcurl has then read but not
/// handed over it keeps itself: what 60 KiB decompress to, and in HTTP/2 up to a stream's window. While it may bring news
/// it keeps the loop alive, and virtual time stands still, unless it waits for the loop to send.
///
/// It belongs to the loop's thread, and is cancelled when it is destroyed, which any of its functions may do. When the loop
/// goes it is told nothing; it may outlive the loop.
class Exchange : public Network::User {
public:
    Exchange() noexcept = default;
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    /// Once, and again when it has ended. Throws a `TypeError` if the message cannot be sent as it is, `std::bad_alloc`,
    /// and `std::system_error` if there is no thread to be had; then nothing has begun. Errors, also later ones, name the
    /// place that it is given.
    void start(RequestMessage&& message, const std::source_location& where = {}) {
        RONDO_ASSERT(!underWay(), "an exchange is started that is under way");
        check(message, where);
        where_ = where;
        EventLoop& loop = EventLoop::current();
        Network& network = Network::of(loop);
        transfer_ = new Transfer(std::move(message), loop.mailbox(), &deliver);
        transfer_->exchange = this;
        network.add(*this);
        setOwed(Owed::time);
        network.thread().send(*transfer_);
    }

    /// The next piece of the body is wanted, or the end; one at a time.
    void read() noexcept {
        if (network() && transfer_ && transfer_->read()) queueTask();
    }

    /// More of the request's body, when it is wanted. Throws `std::bad_alloc`.
    void send(Uint8Array bytes) { handOver(&bytes); }
    /// That was all of the request's body.
    void endSending() { handOver(nullptr); }

    /// Nothing comes any more, and what is under way is given up.
    void cancel() noexcept {
        Transfer* const transfer = std::exchange(transfer_, nullptr);
        if (!transfer) return;
        transfer->exchange = nullptr;
        if (network()) {
            setOwed(Owed::nothing);
            transfer->cancel();
            network()->thread().send(*transfer);
            leaveNetwork();
        }
        transfer->release();
    }

    /// Goes on with what another one has begun, for nobody: the loop and virtual time do not wait for it. The other one has
    /// ended by that.
    void takeOver(Exchange& other) noexcept {
        if (!other.underWay()) return;
        Network& network = *other.network();
        other.setOwed(Owed::nothing);
        other.leaveNetwork();
        transfer_ = std::exchange(other.transfer_, nullptr);
        transfer_->exchange = this;
        awaited_ = false;
        network.add(*this);
    }

    /// Whether more may come.
    bool underWay() const noexcept { return network() && transfer_; }

protected:
    ~Exchange() { cancel(); }

private:
    // Each may call what is above, and destroy this.
    virtual void headComes(ResponseHead head) noexcept = 0;
    virtual void bytesCome(Uint8Array bytes) noexcept = 0;
    virtual void ends() noexcept = 0;
    /// With a `TypeError`, whose cause is a `FetchError`.
    virtual void fails(std::exception_ptr error) noexcept = 0;
    /// `send` or `endSending` is to be called, now or later, once; only of a body of chunks.
    virtual void bodyIsWanted() noexcept {}

    /// What would be read as something else by the server, or by libcurl.
    static void check(const RequestMessage& message, const std::source_location& where) {
        const std::string_view url = message.url;
        if (url.substr(0, 7) != "http://" && url.substr(0, 8) != "https://")
            throw TypeError("only URLs with the scheme http or https are fetched", nullptr, where);
        for (const char c : url) {
            if (c <= ' ' || c == '\x7f')
                throw TypeError("a URL to be fetched is absolute, and serialized", nullptr, where);
        }
        if (!http::isToken(message.method)) throw TypeError("the method of a request is not a token", nullptr, where);
        if (message.bodyKind != BodyKind::none && (message.method == "GET" || message.method == "HEAD"))
            throw TypeError("a request with the method GET or HEAD has no body", nullptr, where);
        for (const HeaderLine& line : message.headers) {
            if (!http::isToken(line.name)) throw TypeError("the name of a header is not a token", nullptr, where);
            if (line.value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
                throw TypeError("the value of a header has a line's end, or a null, in it", nullptr, where);
        }
    }

    void handOver(Uint8Array* bytes) {
        if (!network() || !transfer_) return;
        const Transfer::Sent sent = transfer_->send(bytes);
        if (sent.mustPost) queueTask();
        setOwed(sent.owed);
        if (sent.awaited) network()->thread().send(*transfer_);
    }

    /// With a share of the transfer's that the task has.
    void queueTask() noexcept { EventLoop::current().queueTask(*transfer_); }

    static void deliver(loop::Task* task, loop::Verb verb) noexcept {
        auto& transfer = static_cast<Transfer&>(*task);
        if (verb == loop::Verb::run && transfer.exchange) transfer.exchange->deliver();
        transfer.release();
    }

    void deliver() noexcept {
        News news = transfer_->takeNews();
        if (news.more) {
            transfer_->retain();
            queueTask();
        }
        setOwed(news.owed);
        if (news.resume) network()->thread().send(*transfer_);
        switch (news.kind) { // what is called may destroy this
        case News::Kind::nothing: return;
        case News::Kind::head: return headComes(std::move(news.head));
        case News::Kind::bytes: return bytesCome(std::move(news.bytes));
        case News::Kind::bodyWanted: return bodyIsWanted();
        case News::Kind::end: finish(); return ends();
        case News::Kind::failure: finish(); return fails(errorOf(news.failure));
        }
    }

    void finish() noexcept {
        Transfer* const transfer = std::exchange(transfer_, nullptr);
        transfer->exchange = nullptr;
        leaveNetwork();
        transfer->release();
    }

    std::exception_ptr errorOf(const Failure& failure) const noexcept {
        try {
            const FetchError cause(failure.code, failure.message, {}); // made nowhere that a program knows
            return std::make_exception_ptr(TypeError("fetch failed", std::make_exception_ptr(cause), where_));
        } catch (...) {
            return std::current_exception();
        }
    }

    void setOwed(Owed owed) noexcept {
        if (!awaited_) owed = Owed::nothing;
        const Owed before = std::exchange(owed_, owed);
        if (before == owed) return;
        EventLoop& loop = EventLoop::current();
        if (owed != Owed::nothing) loop.hold(owed == Owed::time);
        if (before != Owed::nothing) loop.release(before == Owed::time);
    }

    Transfer* transfer_ = nullptr; // counted; null when nothing comes any more
    Owed owed_ = Owed::nothing;
    bool awaited_ = true;
    std::source_location where_;
};

}
