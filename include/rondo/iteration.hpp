// SPDX-License-Identifier: MIT
#pragma once

/// The chapter of async iteration: async generators, `forAwait`, `fromAsync`, `eventsOf`; and what is disposed of
/// asynchronously.

#include <rondo/base/config.hpp>
#include <rondo/events.hpp>
#include <rondo/iteration/async_disposable_stack.hpp>
#include <rondo/iteration/async_generator.hpp>
#include <rondo/iteration/event_iterator.hpp>
#include <rondo/iteration/for_await.hpp>
#include <rondo/iteration/from_async.hpp>
