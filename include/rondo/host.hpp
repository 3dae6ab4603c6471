// SPDX-License-Identifier: MIT
#pragma once

/// The chapter of the host, the browser behind the page: its threads, and how their results come home.

#include <rondo/base/config.hpp>
#include <rondo/events.hpp>
#include <rondo/host/completion.hpp>
#include <rondo/host/offload.hpp>
#include <rondo/host/on_signal.hpp>
#include <rondo/host/thread_pool.hpp>
