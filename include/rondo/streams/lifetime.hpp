// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/config.hpp>
#include <rondo/loop/event_loop.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace rondo::streams {

/// What the state of a stream derives from: it lives as long as it is needed, and holds nothing longer than its loop.
///
/// Handles use it, and so does a wait for what a program has promised. Some states need each other: the two sides of a
/// transform stream, or what a pipe reads from and what it writes to. These are **bonded**, and live as long as one of
/// those that hang together is in use: a count alone could not tell them from a circle that nobody needs. With the last
/// use they all go, and one that only listens goes with its own; when the loop ends each lets go of what it holds, newest
/// first.
// NOLINTNEXTLINE(cppcoreguidelines-virtual-class-destructor): its owners count, and the last of them destroys it
class Lifetime : public loop::Waiting {
public:
    Lifetime(const Lifetime&) = delete;
    Lifetime& operator=(const Lifetime&) = delete;

    void retain() noexcept {
        assertHome();
        ++uses_;
    }
    void release() noexcept {
        assertHome();
        if (--uses_ == 0) endIfUnused();
    }

    /// It holds nothing any more: its loop has ended.
    bool gone() const noexcept { return gone_; }

    /// From now on they live as long as each other. Each has at most three such bonds.
    static void bond(Lifetime& a, Lifetime& b) noexcept {
        a.addBond(&b);
        b.addBond(&a);
    }
    /// Of two that are in use.
    static void unbond(Lifetime& a, Lifetime& b) noexcept {
        a.removeBond(&b);
        b.removeBond(&a);
    }

protected:
    /// In use by who makes it.
    explicit Lifetime(EventLoop& loop) noexcept : Waiting(&act, loop.waiting()) {}
    virtual ~Lifetime() = default;

    /// Whether it goes when it is not in use itself, although one is with which it is bonded.
    virtual bool mayGoAlone() const noexcept { return false; }
    bool hasOneBond() const noexcept {
        std::size_t count = 0;
        for (const Lifetime* each : bonds_) count += each ? 1 : 0;
        return count == 1;
    }

    /// Gives up all that it holds. Nothing is done with it any more.
    virtual void letGo() noexcept = 0;

private:
    static constexpr std::size_t room = 3;

    void assertHome() const noexcept {
        RONDO_ASSERT(base::isHome(home_), "a stream is used on a thread that is not its loop's");
    }

    void addBond(Lifetime* other) noexcept {
        Lifetime** place = bonds_;
        while (place != bonds_ + room && *place) ++place;
        RONDO_ASSERT(place != bonds_ + room, "a stream has three bonds at most");
        *place = other;
    }
    void removeBond(const Lifetime* other) noexcept {
        for (Lifetime*& place : bonds_) {
            if (place == other) return static_cast<void>(place = nullptr);
        }
    }

    /// Goes, with all that hang together with it, unless one of them is in use; that is mostly the next one.
    [[gnu::noinline]] void endIfUnused() noexcept {
        bool used = false;
        for (const Lifetime* each : bonds_) used = used || (each && each->uses_ > 0);
        if (used && !mayGoAlone()) return;
        if (Lifetime* all = unusedTogether()) return endAll(*all);
        if (!mayGoAlone()) return;
        endAlone();
    }

    /// Those that hang together, as a list; null if one of them is in use.
    Lifetime* unusedTogether() noexcept {
        bool used = false;
        listed_ = true;
        next_ = nullptr;
        Lifetime* last = this;
        for (Lifetime* each = this; each && !used; each = each->next_) {
            used = each->uses_ > 0;
            for (Lifetime* other : each->bonds_) {
                if (!other || other->listed_) continue;
                other->listed_ = true;
                other->next_ = nullptr;
                last = last->next_ = other;
            }
        }
        for (Lifetime* each = this; each; each = each->next_) each->listed_ = false;
        return used ? nullptr : this;
    }

    /// What they hold may use them while it goes, and must not end them again.
    static void endAll(Lifetime& first) noexcept {
        for (Lifetime* each = &first; each; each = each->next_) each->uses_ = 1;
        for (Lifetime* each = &first; each; each = each->next_) each->dispose();
        for (Lifetime* each = &first; each;) {
            Lifetime* const gone = std::exchange(each, each->next_);
            for (Lifetime* other : gone->bonds_) {
                if (other) other->removeBond(gone);
            }
            delete gone;
        }
    }

    /// The same for one whose bonds are still in use. What it holds may be the last use of one of these.
    void endAlone() noexcept {
        uses_ = 1;
        dispose();
        for (Lifetime* other : bonds_) {
            if (other) other->removeBond(this);
        }
        delete this;
    }

    void dispose() noexcept {
        if (std::exchange(gone_, true)) return;
        unlink();
        letGo();
    }

    /// The loop ends.
    static void act(loop::Microtask* node, loop::Verb) noexcept {
        auto& self = static_cast<Lifetime&>(*node);
        self.retain();
        self.dispose();
        self.release();
    }

    std::size_t uses_ = 1;
    Lifetime* bonds_[room] = {};
    Lifetime* next_ = nullptr;
    std::uint32_t home_ = base::homeHere();
    bool gone_ = false;
    bool listed_ = false;
};

}
