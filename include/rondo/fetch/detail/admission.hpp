// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/intrusive_list.hpp>
#include <rondo/fetch/detail/transfer.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace rondo::network {

/// Whom requests go to: scheme, host and port. Linked while it has transfers that wait and may begin.
struct Origin : base::ListHook {
    const std::string* name = nullptr;
    std::size_t running = 0;
    base::IntrusiveList<Transfer> waiting; // oldest first
};

/// Which transfer begins when: those of an origin in the order in which they came, and the origins in turn. Of the network
/// thread.
class Admission {
public:
    Admission(std::size_t limitPerOrigin, std::size_t limit) noexcept
        : limitPerOrigin_(limitPerOrigin), limit_(limit) {}

    /// Throws `std::bad_alloc` and changes nothing.
    void add(Transfer& transfer) {
        Origin& origin = find(originOf(transfer.request.url));
        transfer.origin = &origin;
        origin.waiting.pushBack(transfer);
        link(origin);
    }

    /// The next one that may begin; null if none may.
    Transfer* begin() noexcept {
        if (running_ >= limit_ || ready_.empty()) return nullptr;
        Origin& origin = ready_.front();
        Transfer& transfer = origin.waiting.front();
        transfer.unlink();
        ++running_;
        ++origin.running;
        origin.unlink();
        link(origin); // behind the others
        return &transfer;
    }

    /// It has ended, or is not wanted any more. `begun`: it was given out by `begin`.
    void remove(Transfer& transfer, bool begun) noexcept {
        Origin& origin = *std::exchange(transfer.origin, nullptr);
        transfer.unlink();
        if (begun) {
            --running_;
            --origin.running;
        }
        if (origin.waiting.empty()) origin.unlink();
        link(origin);
        if (origins_.size() <= idleOrigins || origin.running > 0 || !origin.waiting.empty()) return;
        origins_.erase(origins_.find(*origin.name));
    }

    /// One that waits, if there is one: for the end.
    Transfer* anyThatWaits() noexcept {
        for (auto& [name, origin] : origins_) {
            if (!origin.waiting.empty()) return &origin.waiting.front();
        }
        return nullptr;
    }

private:
    struct Hash {
        using is_transparent = void; // NOLINT(readability-identifier-naming): it is the standard library's
        std::size_t operator()(std::string_view name) const noexcept { return std::hash<std::string_view>()(name); }
    };
    struct Equal {
        using is_transparent = void; // NOLINT(readability-identifier-naming): it is the standard library's
        bool operator()(std::string_view a, std::string_view b) const noexcept { return a == b; }
    };

    static constexpr std::size_t idleOrigins = 64; // that are remembered, lest one be made for each request

    static std::string_view originOf(std::string_view url) noexcept {
        const std::size_t scheme = url.find("://");
        if (scheme == std::string_view::npos) return url;
        return url.substr(0, url.find_first_of("/?#", scheme + 3));
    }

    Origin& find(std::string_view name) {
        if (const auto found = origins_.find(name); found != origins_.end()) return found->second;
        const auto made = origins_.try_emplace(std::string(name)).first;
        made->second.name = &made->first;
        return made->second;
    }

    void link(Origin& origin) noexcept {
        if (!origin.linked() && !origin.waiting.empty() && origin.running < limitPerOrigin_) ready_.pushBack(origin);
    }

    std::size_t limitPerOrigin_;
    std::size_t limit_;
    std::size_t running_ = 0;
    base::IntrusiveList<Origin> ready_; // those that have transfers which may begin, unless there are too many in all
    std::unordered_map<std::string, Origin, Hash, Equal> origins_;
};

}
