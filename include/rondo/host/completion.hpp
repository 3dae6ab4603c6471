// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/config.hpp>
#include <rondo/host/operations.hpp>

#include <exception>
#include <memory>
#include <type_traits>
#include <utility>

namespace rondo {

struct CompletionOptions {
    /// Virtual time stands still until it is settled. False for what only a timeout or an abort will end.
    bool holdsTime = true;
    /// Rejects the promise with its reason when it is aborted, at once; what settles it later is ignored.
    SignalRef signal = {};
};
static_assert(std::is_trivially_destructible_v<CompletionOptions>);

/// Settles one promise, once, from any thread: what a Web API of your own gives to the thread that does its work.
///
///     Promise<std::string> readLine() {
///         Completion<std::string> completion;     // from here on the loop waits for it
///         auto line = completion.promise();
///         std::thread([completion = std::move(completion)]() mutable {
///             completion.resolve(blockingReadLine());
///         }).detach();
///         return line;
///     }
///
/// Make it, and ask it for its promise, on the loop's thread; then move it to wherever the work is done. It carries
/// no promise, only an id, and outlives the loop safely. Settling queues a task, in order of completion, in which the
/// promise is settled; it does not allocate. A `Completion` that is destroyed unsettled lets the loop go on: the
/// promise stays pending, and what waits for it is dropped.
template <class T>
class Completion {
public:
    explicit Completion(const CompletionOptions& options = {}) : message_(make(EventLoop::current(), options)) {}
    Completion(Completion&&) noexcept = default;
    Completion& operator=(Completion&& other) noexcept {
        abandon();
        message_ = std::move(other.message_);
        return *this;
    }
    ~Completion() { abandon(); }

    /// On the loop's thread, while that lives, else a `std::logic_error`; before it is settled.
    Promise<T> promise() const {
        RONDO_ASSERT(message_ != nullptr, "promise() of a Completion that has been settled or moved from");
        return message_->promise();
    }

    /// The first settlement counts; later ones are ignored. If making the value throws, the exception leaves, and it
    /// is as unsettled as before.
    template <class... Args>
        requires std::is_constructible_v<base::Stored<T>, Args&&...>
    void resolve(Args&&... args) {
        if (!message_) return;
        auto message = std::move(message_); // making the value may settle this once more, move it, or destroy it
        try {
            message->resolve(std::forward<Args>(args)...);
        } catch (...) {
            if (!message_) message_.swap(message);
            if (message) Message::send(std::move(message)); // another one was put in its place
            throw;
        }
        Message::send(std::move(message));
    }

    /// With a `std::exception_ptr`, or any copyable object; if copying it throws, what it throws is the reason.
    template <promise::ReasonLike E>
    void reject(E&& error) noexcept {
        if (!message_) return;
        auto message = std::move(message_); // as above
        message->reject(promise::reasonOf(std::forward<E>(error)));
        Message::send(std::move(message));
    }

private:
    using Message = host::Message<T>;

    static std::unique_ptr<Message> make(EventLoop& loop, const CompletionOptions& options) {
        std::unique_ptr<host::Interruption> interruption;
        if (options.signal) interruption = std::make_unique<host::Interruption>(loop);
        auto message = std::make_unique<Message>(loop, options.holdsTime, std::move(interruption));
        message->listen(options.signal);
        return message;
    }

    void abandon() noexcept {
        if (message_) host::Message<T>::send(std::move(message_));
    }

    std::unique_ptr<Message> message_;
};

}
