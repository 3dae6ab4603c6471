// SPDX-License-Identifier: MIT
#pragma once

#include <rondo/base/memory.hpp>
#include <rondo/base/thread.hpp>
#include <rondo/fetch/detail/exchange.hpp>
#include <rondo/loop/event_loop.hpp>

#include <cstddef>
#include <exception>

namespace rondo::network {

/// Takes the rest of a body that nobody wants off its connection, so that this can be used again. Nobody waits for it,
/// neither the loop nor virtual time; it goes with the loop, or when it has become more than another connection would cost.
class Drain final : public Exchange, public base::Pooled, private loop::Waiting {
public:
    /// How many bytes of a body are taken off.
    static constexpr std::size_t most = std::size_t{64} * 1024;

    /// Takes over what is left of an exchange; without memory that is cancelled.
    static void begin(Exchange& rest) noexcept {
        try {
            auto* const self = new Drain;
            base::thread.loop->waiting().pushBack(*self);
            self->takeOver(rest);
            self->underWay() ? self->read() : delete self;
        } catch (...) {
            rest.cancel();
        }
    }

private:
    Drain() noexcept : Waiting(&act) {}
    ~Drain() { Waiting::unlink(); }

    void headComes(ResponseHead) noexcept override { delete this; }
    void bytesCome(Uint8Array bytes) noexcept override {
        drained_ += bytes.length();
        drained_ <= most ? read() : delete this;
    }
    void ends() noexcept override { delete this; }
    void fails(std::exception_ptr) noexcept override { delete this; }

    static void act(loop::Microtask* node, loop::Verb) noexcept {
        delete static_cast<Drain*>(static_cast<loop::Waiting*>(node));
    }

    std::size_t drained_ = 0;
};

}
