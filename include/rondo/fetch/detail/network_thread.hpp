// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/inbox.hpp>
#include <rondo/fetch/detail/admission.hpp>
#include <rondo/fetch/detail/easy_handle.hpp>
#include <rondo/loop/adaptive_spin.hpp>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <exception>
#include <memory>
#include <new>
#include <pthread.h>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace rondo::network {

/// The thread that makes a loop's transfers, all of them at once. Connections, names and TLS sessions are kept for the
/// next ones. Errands come from the loop's thread alone; news go straight to its mailbox.
class NetworkThread final : EasyHandle::Listener {
public:
    /// Throws `std::bad_alloc`, or `std::system_error` if there is no thread to be had.
    explicit NetworkThread(const Settings& settings)
        : settings_(settings), multi_(makeMulti()), jar_(settings.cookies ? makeJar() : nullptr),
          admission_(settings_.requestsPerOrigin, settings_.requests) {
        curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(settings_.requests + idleConnections));
        start();
    }
    NetworkThread(const NetworkThread&) = delete;
    NetworkThread& operator=(const NetworkThread&) = delete;
    /// Whatever is under way ends; nobody is told.
    ~NetworkThread() {
        ends_.store(true, std::memory_order_release);
        curl_multi_wakeup(multi_.get());
        thread_.join();
        while (Errand* errand = inbox_.takeAll()) {
            while (errand) static_cast<Transfer*>(std::exchange(errand, errand->next))->release();
        }
    }

    /// Has a look taken at what a transfer's exchange wants: that it begin, end, or go on. On the loop's thread.
    void send(Transfer& transfer) noexcept {
        if (!transfer.beginErrand()) return;
        transfer.retain();
        inbox_.put(&transfer);
        if (asleep_.load(std::memory_order_seq_cst) && asleep_.exchange(false)) curl_multi_wakeup(multi_.get());
    }

private:
    static constexpr std::size_t idleConnections = 64; // that are kept when all that are allowed are in use
    static constexpr std::ptrdiff_t idleHandles = 64;

    struct MultiCleanUp {
        void operator()(CURLM* multi) const noexcept { curl_multi_cleanup(multi); }
    };
    using Multi = std::unique_ptr<CURLM, MultiCleanUp>;
    struct JarCleanUp {
        void operator()(CURLSH* jar) const noexcept { curl_share_cleanup(jar); }
    };
    using Jar = std::unique_ptr<CURLSH, JarCleanUp>;

    static Multi makeMulti() {
        static const bool begun = beginLibcurl();
        static_cast<void>(begun);
        Multi multi(curl_multi_init());
        if (!multi) throw std::bad_alloc();
        return multi;
    }
    /// Once, and never ended: others may use it, too. Without memory it is tried again by the next one.
    static bool beginLibcurl() {
        if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) throw std::bad_alloc();
        return true;
    }
    static CURLSH* makeJar() {
        CURLSH* const jar = curl_share_init();
        if (!jar || curl_share_setopt(jar, CURLSHOPT_SHARE, CURL_LOCK_DATA_COOKIE) != CURLSHE_OK) {
            curl_share_cleanup(jar);
            throw std::bad_alloc();
        }
        return jar;
    }

    /// No signal is handled there: above all not the SIGPIPE of a connection that has gone.
    void start() {
        sigset_t all;
        sigset_t before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        try {
            thread_ = std::thread([this] { work(); });
        } catch (...) {
            pthread_sigmask(SIG_SETMASK, &before, nullptr);
            throw;
        }
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
    }

    void work() noexcept {
#if defined(__linux__)
        pthread_setname_np(pthread_self(), "rondo-network");
#endif
        int running = 0;
        while (!ends_.load(std::memory_order_acquire)) {
            runErrands();
            beginTransfers();
            do {
                curl_multi_perform(multi_.get(), &running);
            } while (endTransfers() && beginTransfers());
            if (endUploads() && beginTransfers()) continue;
            postNews();
            if (under_.empty()) {
                spin_.wait([this] { return !inbox_.empty(); }, [this] { sleep(); });
            } else {
                sleep();
            }
        }
        while (Transfer* transfer = under_.first()) end(*transfer, false);
        while (Transfer* transfer = admission_.anyThatWaits()) dismiss(*transfer, false);
        postNews();
        spare_.clear();
    }

    /// Until there is something to do, for libcurl or for the loop. Handles of a burst go when there was nothing for a while,
    /// a second at most.
    void sleep() noexcept {
        asleep_.store(true, std::memory_order_seq_cst);
        if (inbox_.empty() && !ends_.load(std::memory_order_acquire)) {
            const bool hasMany = spare_.size() > std::size_t{idleHandles};
            int events = 0;
            const int most = hasMany ? 1000 : 3'600'000;
            if (curl_multi_poll(multi_.get(), nullptr, 0, most, &events) !=
                CURLM_OK) // there is no memory, for instance
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
            if (hasMany && events == 0 && inbox_.empty()) spare_.erase(spare_.begin() + idleHandles, spare_.end());
        }
        asleep_.store(false, std::memory_order_relaxed);
    }

    void runErrands() noexcept {
        Errand* errand = inbox_.takeAll();
        while (errand) runErrand(static_cast<Transfer&>(*std::exchange(errand, errand->next)));
    }

    /// With the errand's share of the transfer.
    void runErrand(Transfer& transfer) noexcept {
        const Transfer::Orders orders = transfer.takeErrand();
        if (orders.cancelled) {
            if (transfer.easy) {
                end(transfer, false);
            } else if (transfer.origin) {
                dismiss(transfer, false);
            }
            transfer.ended = true;
        } else if (transfer.easy) {
            resume(transfer, orders);
        } else if (!transfer.origin && !transfer.ended) {
            try {
                admission_.add(transfer);
                return; // it waits there, with this share
            } catch (const std::bad_alloc&) {
                transfer.ended = true;
                fail(transfer, CURLE_OUT_OF_MEMORY, "out of memory");
            }
        }
        transfer.release();
    }

    void resume(Transfer& transfer, const Transfer::Orders& orders) noexcept {
        const bool receive = transfer.pausedReceiving && orders.resume;
        const bool send = transfer.pausedSending && orders.send;
        if (!receive && !send) return;
        if (receive) transfer.pausedReceiving = false;
        if (send) transfer.pausedSending = false;
        const int still =
            (transfer.pausedReceiving ? CURLPAUSE_RECV : 0) | (transfer.pausedSending ? CURLPAUSE_SEND : 0);
        // It may deliver at once what it has kept; what is not taken then is lost, and it goes on without it.
        const CURLcode code = curl_easy_pause(transfer.easy->get(), still);
        if (code == CURLE_OK) return;
        failWith(transfer, code);
        end(transfer, false);
    }

    /// True if there was one.
    bool beginTransfers() noexcept {
        bool any = false;
        while (Transfer* transfer = admission_.begin()) {
            any = true;
            try {
                transfer->easy = takeSpare();
                transfer->easy->prepare(*transfer, settings_, jar_.get());
                if (curl_multi_add_handle(multi_.get(), transfer->easy->get()) != CURLM_OK) throw std::bad_alloc();
                under_.pushBack(*transfer);
            } catch (const EasyHandle::Refused& refused) {
                refuse(*transfer, refused.code, curl_easy_strerror(refused.code));
            } catch (const std::bad_alloc&) {
                refuse(*transfer, CURLE_OUT_OF_MEMORY, "out of memory");
            }
        }
        return any;
    }
    /// Of a transfer that cannot be begun. Its handle may be half prepared.
    void refuse(Transfer& transfer, CURLcode code, const char* sentence) noexcept {
        fail(transfer, code, sentence);
        delete std::exchange(transfer.easy, nullptr);
        dismiss(transfer, true);
    }

    /// True if there was one.
    bool endTransfers() noexcept {
        bool any = false;
        int left = 0;
        while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
            if (message->msg != CURLMSG_DONE) continue;
            any = true;
            EasyHandle& easy = EasyHandle::of(message->easy_handle);
            Transfer& transfer = easy.transfer();
            const CURLcode code = message->data.result;
            if (transfer.refusal || (code != CURLE_OK && !easy.wasAnsweredEarly(code))) {
                failWith(transfer, code);
            } else if (!transfer.headReader.complete()) {
                fail(transfer, CURLE_WEIRD_SERVER_REPLY, "the response has no head, or not all of it");
            } else {
                transfer.finish({});
                touched(transfer);
            }
            end(transfer, code == CURLE_OK && !transfer.refusal);
        }
        return any;
    }

    /// A response that has come whole ends the request, too: libcurl would wait for ever until a server that does not want
    /// the rest takes it. True if there was one.
    bool endUploads() noexcept {
        bool any = false;
        for (Transfer* transfer = touched_; transfer; transfer = transfer->nextTouched) {
            if (!transfer->easy || transfer->request.bodyKind == BodyKind::none) continue;
            if (transfer->refusal || !transfer->easy->hasWholeResponse()) continue;
            any = true;
            transfer->finish({});
            end(*transfer, false);
        }
        return any;
    }

    /// With what libcurl says, or with why a callback has refused to go on.
    void failWith(Transfer& transfer, CURLcode code) noexcept {
        if (transfer.refusal) return fail(transfer, transfer.refusalCode, transfer.refusal);
        fail(transfer, code, transfer.easy->sentenceFor(code));
    }
    void fail(Transfer& transfer, int code, std::string_view sentence) noexcept {
        Failure failure{code, {}};
        try {
            failure.message = sentence;
        } catch (const std::bad_alloc&) { // the code says enough
        }
        transfer.finish(std::move(failure));
        touched(transfer);
    }

    /// Of a transfer under way: libcurl has done with it, or must have.
    void end(Transfer& transfer, bool well) noexcept {
        EasyHandle& easy = *std::exchange(transfer.easy, nullptr);
        curl_multi_remove_handle(multi_.get(), easy.get());
        putBack(easy, well);
        dismiss(transfer, true);
    }

    /// Gives up the share that was taken when it was admitted.
    void dismiss(Transfer& transfer, bool begun) noexcept {
        transfer.ended = true;
        admission_.remove(transfer, begun);
        transfer.release();
    }

    EasyHandle* takeSpare() {
        if (spare_.empty()) return std::make_unique<EasyHandle>(static_cast<EasyHandle::Listener&>(*this)).release();
        EasyHandle* const easy = spare_.back().release();
        spare_.pop_back();
        return easy;
    }
    void putBack(EasyHandle& easy, bool well) noexcept {
        std::unique_ptr<EasyHandle> spare(&easy);
        easy.reset(well);
        try {
            spare_.push_back(std::move(spare));
        } catch (const std::bad_alloc&) { // then it goes
        }
    }

    /// News are posted when libcurl has done what it can: a short response comes as a whole, and wakes the loop once.
    void touched(Transfer& transfer) noexcept override {
        if (std::exchange(transfer.touched, true)) return;
        transfer.retain();
        transfer.nextTouched = nullptr;
        *std::exchange(touchedEnd_, &transfer.nextTouched) = &transfer;
    }
    void postNews() noexcept {
        Transfer* transfer = std::exchange(touched_, nullptr);
        touchedEnd_ = &touched_;
        while (transfer) {
            Transfer* const next = transfer->nextTouched;
            transfer->touched = false;
            transfer->post();
            transfer->release();
            transfer = next;
        }
    }

    const Settings settings_;
    const Multi multi_;
    const Jar jar_;
    Admission admission_;
    base::IntrusiveList<Transfer> under_; // those that libcurl knows
    std::vector<std::unique_ptr<EasyHandle>> spare_;
    Transfer* touched_ = nullptr;
    Transfer** touchedEnd_ = &touched_;
    base::Inbox<Errand> inbox_;
    std::atomic<bool> asleep_{false};
    loop::AdaptiveSpin<> spin_; // for an errand, when nothing else is under way
    std::atomic<bool> ends_{false};
    std::thread thread_;
};

}
