// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/intrusive_list.hpp>
#include <rondo/fetch/detail/byte_queue.hpp>
#include <rondo/fetch/detail/http_message.hpp>
#include <rondo/loop/mailbox.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace rondo::network {

class Exchange;
class EasyHandle;
class Transfer;
struct Origin;

/// A place among what the loop wants of the network thread.
struct Errand {
    Errand* next = nullptr;
};

/// What has gone wrong; code 0 if nothing has.
struct Failure {
    int code = 0;
    std::string message = {};
};

/// What must keep the loop alive for an exchange.
enum class Owed : std::uint8_t {
    nothing, ///< the host will do nothing until it is asked
    life,    ///< it waits for the loop, and may still bring news
    time,    ///< it works: virtual time stands still, too
};

/// One thing that the loop is told.
struct News {
    enum class Kind : std::uint8_t { nothing, head, bytes, bodyWanted, end, failure };

    Kind kind = Kind::nothing;
    bool more = false; ///< there is another one, for another task
    bool resume = false;
    Owed owed = Owed::nothing;
    ResponseHead head = {};
    Uint8Array bytes = {};
    Failure failure = {};
};

/// An exchange as its two threads see it: what has come and was not taken, what is to be sent, and what each of them
/// waits for. It is also the task that brings news to the loop, at most one at a time.
///
/// It is counted: the exchange, the network thread, the errand and the task have a share each while there are such.
class Transfer final : public loop::Task, public Errand, public base::ListHook {
public:
    /// How many bytes of a body may wait for the loop; then the network waits, until they are half as many. With a quarter
    /// of that a fast reader would wait for the network to go on.
    static constexpr std::size_t budget = std::size_t{1024} * 1024;
    /// As long as less of what is sent waits for the network, the loop is asked for more.
    static constexpr std::size_t sendAhead = std::size_t{64} * 1024;

    Transfer(RequestMessage&& message, std::shared_ptr<loop::Mailbox> mailbox, loop::Task::Perform deliver)
        : Task(deliver, loop::TaskSource::posted), request(std::move(message)), mailbox_(std::move(mailbox)),
          sendEnded_(request.bodyKind != BodyKind::chunks) {}

    void retain() noexcept { owners_.fetch_add(1, std::memory_order_relaxed); }
    void release() noexcept {
        if (owners_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
    }

    // On the loop's thread.

    /// Who is told; null when nobody wants to know any more.
    Exchange* exchange = nullptr;

    /// True if it is to be put into the network thread's inbox, with a share of its own, for it is not there yet.
    [[nodiscard]] bool beginErrand() noexcept {
        const std::lock_guard lock(mutex_);
        return !std::exchange(errand_, true);
    }

    void cancel() noexcept {
        const std::lock_guard lock(mutex_);
        cancelled_ = true;
    }

    /// The loop wants the next bytes, or the end. True if there is news already, and a task to be queued, with a share of
    /// its own.
    [[nodiscard]] bool read() noexcept {
        const std::lock_guard lock(mutex_);
        wanted_ = true;
        return mustPost();
    }

    /// For the task.
    News takeNews() noexcept {
        const std::lock_guard lock(mutex_);
        News news;
        statusChanged_ = false;
        if (head_) {
            news.kind = News::Kind::head;
            news.head = std::move(*head_);
            head_.reset();
        } else if (wanted_ && !received_.empty()) {
            news.kind = News::Kind::bytes;
            news.bytes = received_.take();
            wanted_ = false;
            if (suspended_ && received_.size() <= budget / 2) {
                suspended_ = false;
                news.resume = true;
            }
        } else if (done_ && !endTold_ && received_.empty()) {
            news.kind = failure_.code ? News::Kind::failure : News::Kind::end;
            news.failure = std::move(failure_);
            endTold_ = true;
        } else if (sendNews_ && !done_) {
            news.kind = News::Kind::bodyWanted;
            sendNews_ = false;
            sendAsked_ = true;
        }
        posted_ = news.more = hasNews();
        news.owed = owed();
        return news;
    }

    struct Sent {
        bool awaited;  ///< the network waits for it
        bool mustPost; ///< a task is to be queued, with a share of its own: there is news
        Owed owed;
    };
    /// More of the request's body; null is its end. `std::bad_alloc` changes nothing.
    [[nodiscard]] Sent send(Uint8Array* bytes) {
        const std::lock_guard lock(mutex_);
        if (bytes && !done_) toSend_.push(std::move(*bytes));
        if (!bytes) sendEnded_ = true;
        sendAsked_ = false;
        sendNews_ = !sendEnded_ && toSend_.size() < sendAhead;
        const bool isSome = !toSend_.empty() || sendEnded_; // a chunk of no bytes leaves the network waiting
        const bool awaited = isSome && std::exchange(sendStarved_, false);
        return {awaited, mustPost(), owed()};
    }

    // On the network thread.

    RequestMessage request;
    EasyHandle* easy = nullptr;
    Origin* origin = nullptr;
    Transfer* nextTouched = nullptr;
    bool ended = false;   // or not wanted any more: nothing begins it again
    bool touched = false; // it may have news to be posted
    bool pausedReceiving = false;
    bool pausedSending = false;
    std::size_t sent = 0; // of a body of bytes
    HeadReader headReader;
    const char* refusal = nullptr; // why a callback has refused to go on
    int refusalCode = 0;

    struct Orders {
        bool cancelled;
        bool resume;
        bool send;
    };
    Orders takeErrand() noexcept {
        const std::lock_guard lock(mutex_);
        errand_ = false;
        return {cancelled_, !suspended_, !toSend_.empty() || sendEnded_};
    }

    void headComes(ResponseHead&& head) noexcept {
        const std::lock_guard lock(mutex_);
        head_.emplace(std::move(head));
    }

    enum class Room : std::uint8_t { some, enough, none };
    /// None: nothing was taken, for too much waits already. Enough: the loop should hear of it at once.
    Room receive(const std::uint8_t* bytes, std::size_t count, std::size_t expected) {
        const std::lock_guard lock(mutex_);
        if (!received_.empty() && received_.size() + count > budget) {
            suspended_ = statusChanged_ = true;
            return Room::none;
        }
        received_.append(bytes, count, expected);
        receivedInAll_ += count;
        return received_.size() >= ByteQueue::pieceLength ? Room::enough : Room::some;
    }
    std::size_t receivedInAll() const noexcept { return receivedInAll_; }

    struct Filled {
        std::size_t count;
        bool starved;
    };
    /// Fills `room` bytes with what is to be sent: nothing at the end, or when there is nothing yet.
    Filled fill(void* to, std::size_t room) noexcept {
        const std::lock_guard lock(mutex_);
        const std::size_t count = toSend_.copyOut(to, room);
        sendStarved_ = count == 0 && !sendEnded_;
        if (sendStarved_) statusChanged_ = true;
        if (toSend_.size() < sendAhead && !sendEnded_ && !sendAsked_) sendNews_ = true;
        return {count, sendStarved_};
    }

    void finish(Failure failure) noexcept {
        const std::lock_guard lock(mutex_);
        done_ = statusChanged_ = true;
        suspended_ = false;
        failure_ = std::move(failure);
        toSend_.clear();
    }

    /// Brings what there is to the loop, if that waits for it.
    void post() noexcept {
        {
            const std::lock_guard lock(mutex_);
            if (!mustPost()) return;
        }
        const auto mailbox = mailbox_; // the loop may run the task, and destroy this, before `put` returns
        mailbox->put(*this);
    }

private:
    ~Transfer() = default;

    Owed owed() const noexcept {
        if (done_ || suspended_) return Owed::nothing;
        return sendAsked_ && sendStarved_ ? Owed::life : Owed::time;
    }
    bool hasNews() const noexcept {
        return head_ || (wanted_ && !received_.empty()) || (done_ && !endTold_ && received_.empty()) ||
               (sendNews_ && !done_) || statusChanged_;
    }
    /// True once for each task.
    bool mustPost() noexcept {
        if (posted_ || !hasNews()) return false;
        posted_ = true;
        retain();
        return true;
    }

    std::atomic<std::size_t> owners_{1};
    const std::shared_ptr<loop::Mailbox> mailbox_;
    std::size_t receivedInAll_ = 0; // the network thread's

    mutable std::mutex mutex_; // of all that follows
    std::optional<ResponseHead> head_;
    ByteQueue received_;
    ByteQueue toSend_;
    Failure failure_;
    bool cancelled_ = false;
    bool errand_ = false;        // it is in the inbox
    bool posted_ = false;        // the task is queued
    bool statusChanged_ = false; // the loop should look what it owes
    bool wanted_ = false;        // the loop wants bytes
    bool suspended_ = false;     // the network waits until the loop has taken some
    bool done_ = false;
    bool endTold_ = false;
    bool sendEnded_;
    bool sendNews_ = false;    // the loop should be asked for more to send
    bool sendAsked_ = false;   // it has been, and has not answered
    bool sendStarved_ = false; // the network waits for that
};

}
