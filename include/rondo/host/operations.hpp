// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/array.hpp>
#include <rondo/base/memory.hpp>
#include <rondo/events/abort_algorithm.hpp>
#include <rondo/promise/promise.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <stdexcept>
#include <utility>
#include <variant>

namespace rondo::host {

class Operations;

/// Ends an operation before it has come home: when its signal is aborted; and asks whoever works at it to stop when the
/// loop goes. It lives on the loop's thread, as long as the operation.
class Interruption : public events::AbortAlgorithm, public loop::Waiting, public base::Pooled {
public:
    using Id = std::uint64_t;

    explicit Interruption(EventLoop& loop) noexcept : AbortAlgorithm(&aborted), Waiting(&loopGoes), loop_(loop) {}
    virtual ~Interruption() = default;

    /// Connects it to an operation, and to the signal, if there is one.
    void begin(Id operation, SignalRef signal) noexcept {
        operation_ = operation;
        loop_.waiting().pushBack(*this);
        if (signal) signal->add(*this);
    }

protected:
    EventLoop& loop() const noexcept { return loop_; }

    /// The promise is rejected; the work is no longer wanted. It may destroy this.
    virtual void cancel() noexcept {}
    /// The loop goes: the work may be on its way home already, and must not be touched.
    virtual void askToStop() noexcept {}

private:
    static inline void aborted(AbortAlgorithm& algorithm, const std::exception_ptr& reason) noexcept;
    static void loopGoes(loop::Microtask* node, loop::Verb) noexcept {
        auto& self = static_cast<Interruption&>(*node);
        static_cast<Waiting&>(self).unlink();
        self.askToStop();
    }

    EventLoop& loop_;
    Id operation_ = 0;
};

/// A loop's operations in flight: which promise each will settle. Only their ids leave the loop's thread.
class Operations {
public:
    using Id = Interruption::Id;

    explicit Operations(EventLoop& loop) noexcept : loop_(loop) {}
    Operations(const Operations&) = delete;
    Operations& operator=(const Operations&) = delete;
    ~Operations() {
        for (Operation& operation : operations_) {
            delete operation.interruption;
            if (operation.state) operation.release(operation.state);
        }
    }

    static Operations& of(EventLoop& loop) { return loop.attachments().of<Operations>(loop); }

    /// Makes a pending promise, and keeps the loop alive until it is ended or interrupted. By `owner` it is known.
    template <class T>
    Id begin(bool holdsTime, std::unique_ptr<Interruption> interruption = nullptr, const void* owner = nullptr) {
        if (free_ == none) {
            operations_.push({});
            free_ = static_cast<std::uint32_t>(operations_.size() - 1);
        }
        Operation& operation = operations_[free_];
        operation.state = promise::State<T>::create(loop_, 0, 1);
        operation.release = [](promise::StateBase* state) noexcept {
            promise::State<T>::releaseProducer(static_cast<promise::State<T>*>(state));
        };
        operation.owner = owner;
        operation.holds = true;
        operation.holdsTime = holdsTime;
        loop_.hold(holdsTime);
        const Id id = Id{free_} + 1; // an id is never 0
        free_ = operation.nextFree;
        operation.interruption = interruption.release();
        return id;
    }

    /// From here on the loop's end may interrupt it, and the signal, if there is one: then there is an interruption.
    /// False if that is aborted already: then it is interrupted.
    bool listen(Id id, SignalRef signal) noexcept {
        if (signal.aborted()) {
            interrupt(id, signal->reason());
            return false;
        }
        if (Interruption* interruption = at(id).interruption) interruption->begin(id, signal);
        return true;
    }

    template <class T>
    promise::State<T>& state(Id id) noexcept {
        return static_cast<promise::State<T>&>(*at(id).state);
    }

    /// Whether the operation is one of this table: a loop that goes may have lost that in which it was begun.
    bool has(Id id, const void* owner) const noexcept {
        return id - 1 < operations_.size() && operations_[id - 1].state && operations_[id - 1].owner == owner;
    }

    /// Rejects the promise, and no longer keeps the loop alive. What comes home later is ignored.
    void interrupt(Id id, const std::exception_ptr& reason) noexcept {
        Operation& operation = at(id);
        letGo(operation);
        if (operation.state->pending()) operation.state->reject({reason, nullptr});
    }

    /// Calls `settle` with the operation's state, which is still a producer's then, and forgets it.
    template <class T, class Settle>
    void end(Id id, Settle&& settle) noexcept {
        Operation& operation = at(id);
        auto* state = static_cast<promise::State<T>*>(std::exchange(operation.state, nullptr));
        const std::unique_ptr<Interruption> interruption(std::exchange(operation.interruption, nullptr));
        letGo(operation);
        operation.nextFree = std::exchange(free_, static_cast<std::uint32_t>(id - 1));
        if (state->pending()) settle(*state);
        promise::State<T>::releaseProducer(state);
    }

private:
    static constexpr std::uint32_t none = ~std::uint32_t{0};

    struct Operation {
        promise::StateBase* state = nullptr;
        Interruption* interruption = nullptr; // owned
        const void* owner = nullptr;
        void (*release)(promise::StateBase*) noexcept = nullptr;
        std::uint32_t nextFree = none;
        bool holds = false;
        bool holdsTime = false;
    };

    Operation& at(Id id) noexcept { return operations_[id - 1]; }
    void letGo(Operation& operation) noexcept {
        if (std::exchange(operation.holds, false)) loop_.release(operation.holdsTime);
    }

    EventLoop& loop_;
    base::Array<Operation> operations_;
    std::uint32_t free_ = none;
};

inline void Interruption::aborted(AbortAlgorithm& algorithm, const std::exception_ptr& reason) noexcept {
    auto& self = static_cast<Interruption&>(algorithm);
    Operations::of(self.loop_).interrupt(self.operation_, reason);
    self.cancel();
}

/// What comes home from another thread: the task that will settle an operation's promise, with room for the result.
/// It is made on the loop's thread, filled elsewhere, and comes back through the mailbox.
template <class T>
class Message : public loop::Task {
public:
    explicit Message(EventLoop& loop, bool holdsTime = true, std::unique_ptr<Interruption> interruption = nullptr)
        : Task(&act, loop::TaskSource::posted), mailbox_(loop.mailbox()),
          id_(Operations::of(loop).begin<T>(holdsTime, std::move(interruption), this)) {}
    Message(const Message&) = delete;
    Message& operator=(const Message&) = delete;
    virtual ~Message() {
        if (id_)
            end([](promise::State<T>&) {}); // it never went anywhere: what was to be derived from it could not be made
    }

    /// On the loop's thread, when it is complete: from here on it may be interrupted. False if it is already.
    bool listen(SignalRef signal) const noexcept { return Operations::of(*base::thread.loop).listen(id_, signal); }

    /// On the loop's thread; else a `std::logic_error`.
    Promise<T> promise() const {
        Operations* operations = EventLoop::current().attachments().find<Operations>();
        if (!operations || !operations->has(id_, this))
            throw std::logic_error(
                "rondo: a Completion is asked for its promise on its loop's thread, while that loop lives");
        return Promise<T>(promise::Ref<T>::shared(operations->state<T>(id_)));
    }

    /// Whether the loop still lives.
    bool wanted() const noexcept { return !mailbox_->closed(); }

    template <class... Args>
    void resolve(Args&&... args) {
        result_.template emplace<1>(std::forward<Args>(args)...);
    }
    void reject(std::exception_ptr reason) noexcept { result_.template emplace<2>(std::move(reason)); }

    /// Sends it home with what it holds; with nothing, the promise is abandoned.
    static void send(std::unique_ptr<Message> message) noexcept {
        const auto mailbox = message->mailbox_; // it may be gone before `put` returns
        mailbox->put(*message.release());
    }

private:
    static void act(loop::Task* task, loop::Verb verb) noexcept {
        const std::unique_ptr<Message> self(static_cast<Message*>(task));
        if (verb == loop::Verb::drop) {
            self->id_ = 0; // the loop has gone, and its table with it
            return;
        }
        self->end([&](promise::State<T>& state) {
            if (auto* value = std::get_if<1>(&self->result_)) {
                promise::fulfillOrReject(state, std::move(*value));
            } else if (auto* reason = std::get_if<2>(&self->result_)) {
                state.reject({std::move(*reason), nullptr});
            }
        });
    }

    template <class Settle>
    void end(Settle&& settle) noexcept {
        Operations::of(*base::thread.loop).end<T>(std::exchange(id_, 0), settle);
    }

    std::shared_ptr<loop::Mailbox> mailbox_;
    Operations::Id id_; // 0 when it has ended
    std::variant<std::monostate, base::Stored<T>, std::exception_ptr> result_;
};

}
