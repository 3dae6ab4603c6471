// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/counted_ref.hpp>
#include <rondo/base/error.hpp>
#include <rondo/base/memory.hpp>
#include <rondo/base/thread.hpp>
#include <rondo/events/abort_algorithm.hpp>
#include <rondo/events/abort_signal.hpp>
#include <rondo/fetch/detail/drain.hpp>
#include <rondo/fetch/detail/exchange.hpp>
#include <rondo/fetch/detail/redirect.hpp>
#include <rondo/fetch/detail/request_body.hpp>
#include <rondo/fetch/detail/request_message.hpp>
#include <rondo/http/request.hpp>
#include <rondo/http/response.hpp>
#include <rondo/loop/callback.hpp>
#include <rondo/loop/event_loop.hpp>
#include <rondo/promise/promise.hpp>
#include <rondo/streams/readable_byte_stream_controller.hpp>
#include <rondo/streams/readable_stream.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace rondo::network {

/// A call of `fetch`: an exchange, and one more for each redirect, and the response that comes of the last.
///
/// Until there is a response it keeps itself; then it is the source of the response's body, which keeps it, and when nobody
/// wants that any more the exchange is cancelled. A read that waits keeps the body.
class Fetching final : public base::Counted<Fetching>,
                       public base::Pooled,
                       private loop::Waiting,
                       private events::AbortAlgorithm,
                       private RequestBody {
public:
    /// The request is nobody else's. Throws `std::bad_alloc`.
    static Promise<Response> begin(Request request, const std::source_location& where) {
        auto resolvers = Promise<Response>::withResolvers();
        auto* const self = new Fetching(std::move(request), resolvers, where);
        base::thread.loop->waiting().pushBack(*self);
        self->begin();
        return std::move(resolvers.promise);
    }

private:
    friend class base::Counted<Fetching>;
    using Controller = ReadableByteStreamController;

    /// The exchange that is under way.
    class Hop final : public Exchange {
    public:
        explicit Hop(Fetching& fetching) noexcept : fetching_(fetching) {}

    private:
        // The program may be called by each: a source or a sink.
        void headComes(ResponseHead head) noexcept override {
            const loop::Script script;
            fetching_.headComes(std::move(head));
        }
        void bytesCome(Uint8Array bytes) noexcept override {
            const loop::Script script;
            fetching_.bytesCome(std::move(bytes));
        }
        void ends() noexcept override {
            const loop::Script script;
            fetching_.ends();
        }
        void fails(std::exception_ptr error) noexcept override {
            const loop::Script script;
            fetching_.fails(error);
        }
        void bodyIsWanted() noexcept override {
            const loop::Script script;
            fetching_.bodyIsWanted();
        }

        Fetching& fetching_;
    };

    /// What the functions of the response's body share. They go when that needs no source any more.
    class Source final : public base::Counted<Source>, public base::Pooled {
    public:
        explicit Source(Fetching& fetching) noexcept : fetching_(base::CountedRef<Fetching>::shared(fetching)) {}
        Fetching& fetching() const noexcept { return *fetching_; }

    private:
        friend class base::Counted<Source>;
        ~Source() { fetching_->controller_ = nullptr; }

        base::CountedRef<Fetching> fetching_;
    };

    Fetching(Request request, const PromiseWithResolvers<Response>& resolvers, const std::source_location& where)
        : Waiting(&act), AbortAlgorithm(&aborted), request_(std::move(request)), resolve_(resolvers.resolve),
          reject_(resolvers.reject), signal_(request_.signal()), where_(where) {
        urls_.push_back(request_.state().url);
    }
    ~Fetching() = default;

    void begin() noexcept {
        try {
            http::BodyState& body = request_.state().body;
            if (body.isStream()) {
                open(body.stream());
            } else if (!body.isNull()) {
                bytes_ = std::make_shared<const Uint8Array>(body.takeBytes());
            }
            if (signal_.aborted()) return refuse(signal_.reason());
            signal_.abortable().add(*this);
            goOn();
        } catch (...) {
            refuse(std::current_exception());
        }
    }

    /// Sends the request to where it is to go now.
    void goOn() {
        RequestMessage message = messageOf(request_.state());
        if (isStream()) {
            message.bodyKind = BodyKind::chunks;
        } else if (bytes_) {
            message.bodyKind = BodyKind::bytes;
            message.body = bytes_; // perhaps they are to be sent again
        }
        hop_.emplace(*this);
        try {
            hop_->start(std::move(message), where_);
        } catch (const std::system_error&) { // there is no thread
            throw TypeError("fetch failed", std::current_exception(), where_);
        }
    }

    // What the exchange brings. Each may be the end of this.

    void headComes(ResponseHead head) noexcept {
        try {
            http::HeaderList headers;
            for (const HeaderLine& line : head.headers) headers.append(line.name, line.value);
            const auto status = static_cast<unsigned short>(head.status);
            if (std::optional<URL> target = redirectionOf(request_.state(), status, headers, where_)) {
                follow(status, std::move(*target), mayDrain(status, headers));
            } else {
                respond(status, std::move(head.statusText), std::move(headers));
            }
        } catch (...) {
            refuse(std::current_exception());
        }
    }

    void follow(unsigned short status, URL target, bool mayDrain) {
        if (urls_.size() > mostRedirects)
            throw TypeError("the request was redirected more than 20 times", nullptr, where_);
        const bool hadBody = isStream() || bytes_;
        redirect(request_.state(), status, std::move(target), isStream(), where_);
        urls_.push_back(request_.state().url);
        leaveTheRest(mayDrain);
        if (hadBody && request_.state().method == "GET") {
            bytes_.reset();
            const base::CountedRef<Fetching> kept = base::CountedRef<Fetching>::shared(*this);
            RequestBody::cancel(errorOfUnread());
            if (!Waiting::linked()) return; // it has been aborted by that
        }
        goOn();
    }

    void respond(unsigned short status, std::string statusText, http::HeaderList headers) {
        const bool hasBody = !http::isNullBodyStatus(status) && request_.state().method != "HEAD";
        const bool drains = mayDrain(status, headers);
        bytes_.reset(); // they are not sent again
        base::CountedRef<http::ResponseState> made(new http::ResponseState(std::move(headers), true));
        if (hasBody) made->body = http::BodyState(makeStream());
        made->type = ResponseType::basic;
        made->status = status;
        made->statusText = std::move(statusText);
        made->urls = std::move(urls_);
        const promise::Resolve<Response> resolve =
            std::move(resolve_); // the response must not be kept by what it keeps
        const promise::Reject<Response> reject = std::move(reject_);
        resolve(Response(base::CountedRef<http::Message>::shared(*made)));
        if (hasBody) {
            hasHead_ = true;
            letGo(); // from here on the response keeps it
        } else {
            const base::CountedRef<Fetching> kept = base::CountedRef<Fetching>::shared(*this);
            leaveTheRest(drains);
            end();
            RequestBody::cancel(errorOfUnread());
        }
    }

    /// The exchange has brought what is wanted of it. If the request has not been sent, its connection is of no use any more.
    void leaveTheRest(bool mayDrain) noexcept {
        if (mayDrain && RequestBody::ended()) return Drain::begin(*hop_);
        hop_->cancel();
    }

    ReadableStream<Uint8Array> makeStream() {
        const base::CountedRef<Source> self(new Source(*this));
        return ReadableStream<Uint8Array>(UnderlyingByteSource{
            .start = [self](const Controller& controller) { self->fetching().controller_ = &controller; },
            .pull = [self](const Controller& controller) { self->fetching().pull(controller); },
            .cancel = [self](const std::exception_ptr& reason) { self->fetching().unwanted(reason); }});
    }

    /// The body is wanted: it stays until there is some.
    void pull(const Controller& controller) {
        if (wanted_) return;
        wanted_.emplace(controller);
        hop_->read();
    }

    void bytesCome(Uint8Array bytes) noexcept {
        const std::optional<Controller> controller = std::exchange(wanted_, std::nullopt);
        try {
            controller->enqueue(std::move(bytes));
        } catch (...) { // there is no memory for it
            const base::CountedRef<Fetching> kept = base::CountedRef<Fetching>::shared(*this);
            controller->error(std::current_exception());
            stop();
        }
    }

    void ends() noexcept {
        if (!hasHead_) return refuse(errorOf("the response has no head"));
        const base::CountedRef<Fetching> kept = base::CountedRef<Fetching>::shared(*this);
        const Controller controller = *controller_;
        stop();
        try {
            controller.close();
            if (const auto request = controller.byobRequest()) request->respond(0);
        } catch (...) {
            controller.error(std::current_exception());
        }
        if (!RequestBody::ended()) RequestBody::cancel(errorOfUnread());
    }

    void fails(const std::exception_ptr& error) noexcept { hasHead_ ? endBody(error) : refuse(error); }

    bool mayDrain(unsigned status, const http::HeaderList& headers) const {
        const bool hasNone = status == 204 || status == 304 || request_.state().method == "HEAD";
        return hasNone || isWorthDraining(headers);
    }

    // What the request's body brings.

    void bodyIsWanted() noexcept {
        const base::CountedRef<Fetching> kept = base::CountedRef<Fetching>::shared(*this); // the source may abort
        isStream() ? read() : bodyEnds();
    }

    void bodyComes(Uint8Array bytes) noexcept override {
        try {
            hop_->send(std::move(bytes));
        } catch (...) {
            failToSend(std::current_exception());
        }
    }
    void bodyEnds() noexcept override {
        try {
            hop_->endSending();
        } catch (...) {
            failToSend(std::current_exception());
        }
    }
    void bodyFails(const std::exception_ptr& reason) noexcept override {
        failToSend(errorOf("the body of the request cannot be read to its end", reason));
    }
    void bodyIsLost() noexcept override {
        if (!hasHead_) end();
    }
    void failToSend(const std::exception_ptr& error) noexcept { hasHead_ ? endBody(error) : refuse(error); }

    /// https://fetch.spec.whatwg.org/#abort-fetch
    static void aborted(events::AbortAlgorithm& algorithm, const std::exception_ptr& reason) noexcept {
        auto& self = static_cast<Fetching&>(algorithm);
        const loop::Script script; // a source may be called
        self.hasHead_ ? self.endBody(reason) : self.refuse(reason);
    }

    void endBody(const std::exception_ptr& error) noexcept {
        const base::CountedRef<Fetching> kept = base::CountedRef<Fetching>::shared(*this);
        if (!controller_) return stop(); // it is not read any more
        const Controller controller = *controller_;
        stop();
        RequestBody::cancel(error);
        controller.error(error);
    }

    /// There will be no response; after it, nothing comes of this.
    void refuse(const std::exception_ptr& reason) noexcept {
        const base::CountedRef<Fetching> kept = base::CountedRef<Fetching>::shared(*this);
        end();
        reject_(reason);
        RequestBody::cancel(reason);
    }

    /// The response's body is cancelled.
    void unwanted(const std::exception_ptr& reason) noexcept {
        stop();
        RequestBody::cancel(reason);
    }

    /// What the source of the request's body is told when the response needs no more of it.
    std::exception_ptr errorOfUnread() const noexcept {
        return errorOf("the server has answered without the rest of the body");
    }
    /// A `TypeError`; without memory for it, what says that.
    std::exception_ptr errorOf(std::string_view sentence, const std::exception_ptr& cause = nullptr) const noexcept {
        try {
            return std::make_exception_ptr(TypeError(sentence, cause, where_));
        } catch (...) {
            return std::current_exception();
        }
    }

    /// Nothing more is wanted.
    void stop() noexcept {
        leave();
        if (hop_) hop_->cancel();
        wanted_.reset();
    }
    void end() noexcept {
        stop();
        letGo();
    }
    void letGo() noexcept {
        if (!Waiting::linked()) return;
        Waiting::unlink();
        release();
    }

    static void act(loop::Microtask* node, loop::Verb) noexcept { static_cast<Fetching&>(*node).end(); }

    Request request_;
    std::shared_ptr<const Uint8Array> bytes_; // of a body that is no stream
    std::vector<URL> urls_;
    promise::Resolve<Response> resolve_;
    promise::Reject<Response> reject_;
    AbortSignal signal_;
    std::optional<Hop> hop_;
    const Controller* controller_ = nullptr; // of the response's body, as long as that has a source
    std::optional<Controller> wanted_;       // the same, as long as a read waits
    std::source_location where_;             // `fetch` was called at
    bool hasHead_ = false;                   // there is a response, and its body is still to come
};

}
